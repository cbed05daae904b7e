#include "cli/firmware_transfer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/firmware_image.hpp"
#include "cli/results.hpp"
#include "dlms/data.hpp"

namespace ferraris::cli {
namespace {

using dlms::ActionResult;

constexpr std::uint16_t kClass = 18;
constexpr dlms::LogicalName kImageTransferObject = dlms::obis(0, 0, 44, 0, 0);
constexpr dlms::LogicalName kActivationScheduleObject = dlms::obis(0, 0, 15, 0, 2);
constexpr std::int8_t kEnabledAttribute = 5;
enum TransferMethod : std::int8_t { kInitiate = 1, kTransferBlock = 2, kVerify = 3, kActivate = 4 };

/// Of image_transfer_status.
constexpr std::uint8_t kInitiated = 1;
constexpr std::uint8_t kVerifying = 2;
constexpr std::uint8_t kVerified = 3;
constexpr std::uint8_t kVerificationFailed = 4;
constexpr std::uint8_t kActivationSuccessful = 6;
constexpr std::uint8_t kActivationFailed = 7;
constexpr const char* kStatusWords[] = {"no transfer",         "transfer under way",
                                        "being verified",      "verified, ready for activation",
                                        "verification failed", "about to be activated, or on trial",
                                        "activated",           "activation failed, the old firmware runs"};

constexpr auto kPollInterval = std::chrono::milliseconds(500);
/// A meter may take so long for verification, and to start anew.
constexpr auto kLongestWait = std::chrono::minutes(10);
constexpr auto kLongestSilence = std::chrono::minutes(2);

constexpr std::array<std::uint8_t, 2> kIntegerZero{0x0F, 0x00};

template <class Write>
Octets axdr(std::size_t room, Write&& write) {
    Octets octets(room + 64);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    write(data);
    octets.resize(out.size());
    return octets;
}

/// The meter has verified this image already, and it waits for activation.
bool waits(const TransferState& state, const Octets& image) {
    meter::ImageHeader header;
    if (state.status != kVerified || meter::decode_image_header(image, header) != meter::ImageFault::none) return false;
    return std::ranges::any_of(state.to_activate, [&](const TransferState::ToActivate& each) {
        return each.size == image.size() && equal(each.signature, header.signature);
    });
}

Octets owned(ByteView view) { return {view.begin(), view.end()}; }

}  // namespace

std::uint32_t TransferState::transferred() const {
    return static_cast<std::uint32_t>(std::ranges::count(blocks, true));
}

std::string status_words(std::uint8_t status) {
    return status < std::size(kStatusWords) ? fmt::format("{}: {}", status, kStatusWords[status])
                                            : fmt::format("{}: not of the standard", status);
}

FirmwareTransfer::FirmwareTransfer(const ConnectOptions& options)
    : options_(options), client_(std::make_unique<Client>(options)) {}

Client& FirmwareTransfer::client() {
    if (!client_) client_ = std::make_unique<Client>(options_);
    return *client_;
}

Octets FirmwareTransfer::read(std::int8_t attribute) {
    GetAnswer answer = client().get({kClass, kImageTransferObject, attribute});
    if (answer.result != dlms::DataAccessResult::success) {
        throw CliError(fmt::format("the meter's image transfer (0-0:44.0.0:{}) cannot be read: {}", attribute,
                                   explain(answer.result)));
    }
    return std::move(answer.value);
}

std::uint8_t FirmwareTransfer::status() {
    const Octets value = read(6);
    return dlms::DataReader(value).enum_();
}

/// Meters let go of their links when they start anew.
std::optional<std::uint8_t> FirmwareTransfer::status_if_it_answers() {
    try {
        return status();
    } catch (const CliError&) {
        client_.reset();
        return std::nullopt;
    }
}

TransferState FirmwareTransfer::state() {
    TransferState state;
    state.status = status();
    const Octets size = read(2);
    state.block_size = dlms::DataReader(size).double_long_unsigned();
    const Octets enabled = read(kEnabledAttribute);
    state.enabled = dlms::DataReader(enabled).boolean();
    const Octets flags = read(3);
    if (const auto bits = dlms::DataReader(flags).any(); bits && bits->tag == dlms::DataTag::bit_string) {
        for (std::size_t i = 0; i < bits->count; ++i) {
            state.blocks.push_back(((static_cast<unsigned>(bits->content[i / 8]) >> (7 - i % 8)) & 1U) != 0);
        }
    }
    const Octets first = read(4);
    state.first_missing = dlms::DataReader(first).double_long_unsigned();
    const Octets info = read(7);
    dlms::DataReader in(info);
    const std::size_t count = in.array();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        TransferState::ToActivate image;
        (void)in.structure();
        image.size = in.double_long_unsigned();
        image.identification = owned(in.octet_string());
        image.signature = owned(in.octet_string());
        if (in.ok()) state.to_activate.push_back(std::move(image));
    }
    return state;
}

std::string FirmwareTransfer::text_of(std::uint16_t class_id, const dlms::LogicalName& name, bool hex) {
    const GetAnswer answer = client().get({class_id, name, 2});
    if (answer.result != dlms::DataAccessResult::success) return {};
    const auto element = dlms::DataReader(answer.value).any();
    if (!element) return {};
    return hex ? to_hex(element->content) : std::string(element->content.begin(), element->content.end());
}

std::string FirmwareTransfer::running_version() { return text_of(1, dlms::obis(1, 0, 0, 2, 0), false); }
std::string FirmwareTransfer::running_check_sum() { return text_of(1, dlms::obis(1, 0, 0, 2, 8), true); }

ActionResult FirmwareTransfer::call(std::int8_t method, ByteView parameters) {
    return client().call({kClass, kImageTransferObject, method}, parameters).result;
}

ActionResult FirmwareTransfer::transfer_block(const Octets& image, std::uint32_t block_size, std::uint32_t number) {
    const std::size_t from = std::size_t{number} * block_size;
    const ByteView block = ByteView(image).subspan(from, std::min<std::size_t>(block_size, image.size() - from));
    return call(kTransferBlock, axdr(block.size(), [&](dlms::DataWriter& data) {
                    data.structure(2);
                    data.double_long_unsigned(number);
                    data.octet_string(block);
                }));
}

void FirmwareTransfer::initiate(const Octets& image, const std::string& identifier) {
    const ActionResult result = call(kInitiate, axdr(identifier.size(), [&](dlms::DataWriter& data) {
                                         data.structure(2);
                                         data.octet_string(octets_of(identifier));
                                         data.double_long_unsigned(static_cast<std::uint32_t>(image.size()));
                                     }));
    if (result == ActionResult::temporary_failure) {
        throw CliError("the meter tries a firmware right now; wait a minute and try again");
    }
    if (result != ActionResult::success) {
        throw CliError(fmt::format("the meter begins no transfer of {} octets ({})", image.size(), explain(result)));
    }
}

FirmwareTransfer::Sent FirmwareTransfer::send(const Octets& image, const std::string& identifier, bool restart,
                                              const std::atomic<bool>& pause,
                                              const std::function<void(std::uint32_t, std::uint32_t)>& progress) {
    TransferState now = state();
    if (now.block_size == 0) throw CliError("the meter says that its blocks have no octets");
    if (!now.enabled) {
        const std::array<std::uint8_t, 2> yes{0x03, 0xFF};
        const auto result = client().set({kClass, kImageTransferObject, kEnabledAttribute}, yes);
        if (result != dlms::DataAccessResult::success) {
            throw CliError(fmt::format("image transfer is switched off and this client cannot switch it on ({})",
                                       explain(result)));
        }
    }
    Sent report;
    report.blocks = static_cast<std::uint32_t>((image.size() + now.block_size - 1) / now.block_size);
    if (!restart && waits(now, image)) {
        report.resumed = true;
        return report;
    }
    // A block that is there already tells whether it is the same image: a meter that compares refuses another one.
    const auto known = std::ranges::find(now.blocks, true);
    report.resumed = !restart && now.status == kInitiated && now.blocks.size() == report.blocks &&
                     known != now.blocks.end() &&
                     transfer_block(image, now.block_size, static_cast<std::uint32_t>(known - now.blocks.begin())) ==
                         ActionResult::success;
    if (!report.resumed) {
        initiate(image, identifier);
        now.blocks.assign(report.blocks, false);
    }
    std::uint32_t done = now.transferred();
    const auto kept = [&] { return fmt::format("{} of {} blocks are in the meter", done, report.blocks); };
    try {
        for (std::uint32_t number = 0; number < report.blocks; ++number) {
            if (now.blocks[number]) continue;
            if (pause) {
                report.paused = true;
                return report;
            }
            const ActionResult result = transfer_block(image, now.block_size, number);
            if (result != ActionResult::success) {
                throw CliError(fmt::format("the meter refused block {} ({})", number, explain(result)));
            }
            ++done;
            ++report.sent;
            progress(done, report.blocks);
        }
    } catch (const CliError& error) {
        throw CliError(fmt::format("{}; {}, the same command goes on there", error.what(), kept()));
    }
    return report;
}

/// Why our own kind of meter refused: the value of its newest event, when that is a failed verification.
std::string FirmwareTransfer::reason() {
    constexpr std::uint8_t kVerificationEvent = 51;
    const GetAnswer code = client().get({1, dlms::obis(0, 0, 96, 11, 1), 2});
    const GetAnswer value = client().get({1, dlms::obis(0, 0, 96, 11, 129), 2});
    const auto number = [](const GetAnswer& answer) -> std::uint64_t {
        const auto element = dlms::DataReader(answer.value).any();
        return element ? ByteReader(element->content).unsigned_of(std::min<std::size_t>(element->content.size(), 8))
                       : 0;
    };
    if (number(code) != kVerificationEvent) return "the meter gives no reason";
    return explain(static_cast<meter::ImageFault>(number(value)));
}

void FirmwareTransfer::verify(const std::function<void()>& waiting) {
    const auto deadline = std::chrono::steady_clock::now() + kLongestWait;
    ActionResult result = call(kVerify, kIntegerZero);
    while (result == ActionResult::temporary_failure && std::chrono::steady_clock::now() < deadline) {
        waiting();
        std::this_thread::sleep_for(kPollInterval);
        const std::uint8_t now = status();
        if (now == kVerified) return;
        if (now == kVerificationFailed) break;
        if (now != kVerifying) result = call(kVerify, kIntegerZero);
    }
    if (result == ActionResult::success) return;
    if (status() == kVerificationFailed) throw CliError(fmt::format("the meter refuses the image: {}", reason()));
    throw CliError(fmt::format("the meter does not verify the image ({})", explain(result)));
}

void FirmwareTransfer::activate(const std::function<void()>& waiting) {
    const ActionResult result = call(kActivate, kIntegerZero);
    if (result == ActionResult::success) return;
    if (result != ActionResult::temporary_failure) {
        throw CliError(fmt::format("the meter does not activate the image ({})", explain(result)));
    }
    auto answered_at = std::chrono::steady_clock::now();
    const auto deadline = answered_at + kLongestWait;
    while (std::chrono::steady_clock::now() < deadline) {
        waiting();
        std::this_thread::sleep_for(kPollInterval);
        const auto now = status_if_it_answers();
        if (!now) {
            if (std::chrono::steady_clock::now() - answered_at > kLongestSilence) break;
            continue;
        }
        answered_at = std::chrono::steady_clock::now();
        if (*now == kActivationSuccessful) return;
        if (*now == kActivationFailed) {
            throw CliError("the new firmware did not come up; the meter runs the old one again");
        }
        if (*now == kVerificationFailed) throw CliError(fmt::format("the meter refuses the image: {}", reason()));
        // What was not verified was verified first.
        if (*now == kVerified) (void)call(kActivate, kIntegerZero);
        // Some meters begin anew with nothing.
        if (*now < kVerifying) return;
    }
    throw CliError("the meter does not say that it has activated the image; ask with `ferraris firmware status`");
}

void FirmwareTransfer::activate_at(const dlms::DateTime& time) {
    const Octets value = axdr(32, [&](dlms::DataWriter& data) {
        data.array(1);
        data.structure(2);
        data.octet_string(dlms::encode(time.time));
        data.octet_string(dlms::encode(time.date));
    });
    const auto result = client().set({22, kActivationScheduleObject, 4}, value);
    if (result != dlms::DataAccessResult::success) {
        throw CliError(fmt::format("the time of activation was not taken (0-0:15.0.2:4): {}", explain(result)));
    }
}

}  // namespace ferraris::cli
