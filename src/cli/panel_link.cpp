#include "cli/panel_link.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/error.hpp"
#include "cli/results.hpp"
#include "cli/value.hpp"
#include "dlms/data.hpp"

namespace ferraris::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPicturePeriod{250};
constexpr milliseconds kFirstPause{500};
constexpr milliseconds kLongestPause{8000};
/// Of the settings, which element is the time of a long press.
constexpr std::size_t kLongPressElement = 3;

/// Where the meter keeps it to itself, what the factory set.
std::chrono::seconds read_long_press(Client& client) {
    constexpr std::chrono::seconds kFactory{8};
    const GetAnswer answer = client.get(kPanelSettings);
    if (answer.result != dlms::DataAccessResult::success) return kFactory;
    const auto settings = decode_value(answer.value);
    if (!settings || settings->items.size() <= kLongPressElement) return kFactory;
    return std::chrono::seconds(settings->items[kLongPressElement].integer().value_or(kFactory.count()));
}

}  // namespace

PanelView read_panel_view(Client& client) {
    const GetAnswer answer = client.get(kPanelContent);
    if (answer.result == dlms::DataAccessResult::object_undefined) {
        throw CliError("the meter has no object 0-0:128.30.0, which says what its display shows; is it another model?");
    }
    if (answer.result != dlms::DataAccessResult::success) {
        throw CliError(fmt::format("the display was not read (0-0:128.30.0): {}", explain(answer.result)));
    }
    return take_panel_view(answer.value);
}

PanelLink::PanelLink(const ConnectOptions& options) : options_(options) {
    // What the user should know is told before the screen is the panel's.
    connect();
    long_press_ = read_long_press(*client_);
    options_.note = {};
}

void PanelLink::start() {
    thread_ = std::thread([this] { run(); });
}

PanelLink::~PanelLink() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

PanelLink::State PanelLink::state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
}

void PanelLink::hold(std::uint8_t buttons) {
    {
        const std::scoped_lock lock(mutex_);
        presses_.push_back(buttons);
    }
    wake_.notify_all();
}

template <class Change>
void PanelLink::change(Change&& how) {
    const std::scoped_lock lock(mutex_);
    how(state_);
    ++state_.count;
}

void PanelLink::wait(milliseconds time) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, time, [this] { return ending_ || !presses_.empty(); });
}

std::optional<std::uint8_t> PanelLink::next_press() {
    const std::scoped_lock lock(mutex_);
    if (presses_.empty()) return std::nullopt;
    const std::uint8_t buttons = presses_.front();
    presses_.pop_front();
    return buttons;
}

void PanelLink::connect() {
    client_.emplace(options_);
    const PanelView view = read_panel_view(*client_);
    change([&](State& state) {
        state.view = view;
        state.trouble.clear();
    });
}

void PanelLink::press(std::uint8_t buttons) {
    const std::array<std::uint8_t, 2> value{static_cast<std::uint8_t>(dlms::DataTag::unsigned_), buttons};
    const dlms::DataAccessResult result = client_->set(kPanelButtons, value);
    std::string refusal;
    if (result == dlms::DataAccessResult::read_write_denied) {
        refusal = "the buttons do nothing: a meter made with --remote-buttons takes them, from clients 1 and 3";
    } else if (result != dlms::DataAccessResult::success) {
        refusal = fmt::format("the buttons do nothing: {}", explain(result));
    }
    change([&](State& state) { state.refusal = refusal; });
}

void PanelLink::talk() {
    while (const auto buttons = next_press()) press(*buttons);
    const PanelView view = read_panel_view(*client_);
    change([&](State& state) { state.view = view; });
}

void PanelLink::run() {
    milliseconds pause = kFirstPause;
    const auto is_ending = [this] {
        const std::scoped_lock lock(mutex_);
        return ending_;
    };
    while (!is_ending()) {
        try {
            if (client_) {
                talk();
            } else {
                connect();
            }
            pause = kFirstPause;
            wait(kPicturePeriod);
        } catch (const CliError& error) {
            const std::string trouble = error.what();
            client_.reset();
            // What was pressed meanwhile is of no use later.
            while (next_press()) {
            }
            change([&](State& state) { state.trouble = trouble; });
            wait(pause);
            pause = std::min(2 * pause, kLongestPause);
        }
    }
    client_.reset();
}

}  // namespace ferraris::cli
