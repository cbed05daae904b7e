/// A whole client session against a meter that answers what it likes: in the clear, or sealed with the right keys, so
/// that hostile octets get past the tag. No crash, nothing written beyond the memory it was lent, and nothing taken for
/// an answer that was not protected.
///
///     input := { operation(1) length(2) octets(length) }
///     operation 0: the octets come in the clear; 1: sealed under the global key; 2: what was sealed last comes again
///               3: associate, answered properly; 4: associate, answered with the octets
///               5 to 12: start a GET, GET with list, SET, SET with list, ACTION, release; give up; the link is lost
#include <array>
#include <cstring>
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using dlms::Progress;
using dlms::Step;

using fuzz::require;

constexpr std::array<std::uint8_t, 8> kClientTitle{'F', 'R', 'S', 0, 0, 0, 0, 9};
constexpr std::array<std::uint8_t, 8> kMeterTitle{'F', 'R', 'S', 0, 0, 0, 0, 1};
constexpr std::array<std::uint8_t, 16> kEncryptionKey{1, 2, 3};
constexpr std::array<std::uint8_t, 16> kAuthenticationKey{4, 5, 6};
constexpr dlms::AttributeRequest kAttribute{{3, dlms::obis(1, 0, 1, 8, 0), 2}, {}};
constexpr std::size_t kSinkSize = 512;

class Counters final : public dlms::InvocationCounters {
public:
    std::optional<std::uint32_t> reserve() override { return ++last_; }

private:
    std::uint32_t last_{0};
};

dlms::ClientConfiguration configuration() {
    dlms::ClientConfiguration c;
    c.context = dlms::ApplicationContext::logical_names_ciphered;
    c.system_title = kClientTitle;
    c.encryption_key = kEncryptionKey;
    c.authentication_key = kAuthenticationKey;
    c.invoke_id_rotates = false;  // so that an input need not follow it
    return c;
}

/// Seals as the meter would, each time with the next counter.
class Meter {
public:
    explicit Meter(Crypto& crypto) : crypto_(crypto) {}

    std::vector<std::uint8_t> seal(ByteView plain) {
        std::vector<std::uint8_t> buffer(plain.size() + dlms::kMaxCipherHead + dlms::kMaxCipherTail);
        std::copy(plain.begin(), plain.end(), buffer.begin() + dlms::kMaxCipherHead);
        dlms::ProtectParameters how;
        how.invocation_counter = ++counter_;
        how.keys = {kMeterTitle, kEncryptionKey, kAuthenticationKey};
        if (!plain.empty() && !dlms::ciphered_tag(static_cast<dlms::ApduTag>(plain[0]), how.envelope)) {
            how.envelope = dlms::Envelope::general_global;
        }
        const auto sealed = dlms::protect(crypto_, how, buffer, dlms::kMaxCipherHead, plain.size());
        return sealed ? std::vector<std::uint8_t>(sealed->begin(), sealed->end()) : std::vector<std::uint8_t>{};
    }

    std::vector<std::uint8_t> accept() {
        constexpr std::array<std::uint8_t, 14> kInitiateResponse{0x08, 0x00, 0x06, 0x5F, 0x1F, 0x04, 0x00,
                                                                 0xFF, 0xFF, 0xFF, 0x01, 0x00, 0x00, 0x07};
        const auto sealed = seal(kInitiateResponse);
        dlms::AssociateResponse aare;
        aare.application_context_name = dlms::application_context_oid(dlms::ApplicationContext::logical_names_ciphered);
        aare.diagnostic = dlms::AssociateDiagnostic::of(dlms::AcseUserDiagnostic::null);
        aare.responding.ap_title = kMeterTitle;
        aare.user_information = sealed;
        std::vector<std::uint8_t> apdu(200);
        ByteWriter out(apdu);
        encode(out, aare);
        apdu.resize(out.size());
        return apdu;
    }

private:
    Crypto& crypto_;
    std::uint32_t counter_{0};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto crypto = make_openssl_crypto();
    Meter meter(*crypto);
    Counters counters;
    std::vector<std::uint8_t> send_buffer(256);
    const auto how = configuration();
    dlms::ClientSession session(how, *crypto, counters, send_buffer);
    std::array<std::uint8_t, kSinkSize> sink_memory{};
    dlms::SpanSink sink(sink_memory);
    // A value that takes several blocks.
    const std::vector<std::uint8_t> value = [] {
        std::vector<std::uint8_t> octet_string{0x09, 0x82, 0x02, 0x00};
        octet_string.resize(octet_string.size() + 0x200, 0x5A);
        return octet_string;
    }();
    const std::array<dlms::AttributeRequest, 2> attributes{kAttribute, kAttribute};
    const std::array<dlms::EncodedData, 2> values{dlms::EncodedData{value}, dlms::EncodedData{value}};
    const dlms::MethodDescriptor method{70, dlms::obis(0, 0, 96, 3, 10), 1};

    bool releasing = false;
    bool requested = false;  // a service was asked for, and its answer did not come yet
    std::vector<std::uint8_t> last_sealed;
    ByteReader in(ByteView(data, size));
    while (in.remaining() >= 3) {
        const std::uint8_t operation = in.u8() % 13;
        const ByteView octets = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
        std::vector<std::uint8_t> arriving(octets.begin(), octets.end());
        Progress progress;
        sink = dlms::SpanSink(sink_memory);
        if (operation <= 2) {
            if (operation == 1) last_sealed = meter.seal(arriving);
            if (operation > 0) arriving = last_sealed;
            progress = session.receive(arriving);
            if (operation != 1 && progress.step == Step::done) require(releasing || !requested);
        } else if (operation <= 4) {
            progress = session.associate();
            if (progress.step == Step::send) {
                if (operation == 3) arriving = meter.accept();
                progress = session.receive(arriving);
                if (operation == 3) require(progress.step == Step::done && session.association().open);
            }
        } else {
            switch (operation) {
                case 5:
                    progress = session.get(kAttribute, sink);
                    break;
                case 6:
                    progress = session.get_list(attributes, sink);
                    break;
                case 7:
                    progress = session.set(kAttribute, value);
                    break;
                case 8:
                    progress = session.set_list(attributes, values);
                    break;
                case 9:
                    progress = session.action(method, value, sink);
                    break;
                case 10:
                    progress = session.release();
                    break;
                case 11:
                    session.abandon();
                    break;
                default:
                    session.link_lost();
                    break;
            }
            if (operation <= 10 && progress.step == Step::send) {
                releasing = operation == 10;
                requested = operation < 10;
            }
        }
        if (progress.step == Step::send) require(!progress.apdu.empty() && progress.apdu.size() <= send_buffer.size());
        if (progress.step == Step::done || progress.step == Step::failed) requested = false;
        require(sink.octets().size() <= kSinkSize);
    }
    return 0;
}
