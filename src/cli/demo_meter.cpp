#include "cli/demo_meter.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

#include "cli/error.hpp"
#include "cli/meter_keys.hpp"
#include "crypto/openssl.hpp"
#include "panel/panel.hpp"
#include "twin/pacer.hpp"
#include "twin/ports.hpp"
#include "twin/push_sender.hpp"
#include "twin/virtual_meter.hpp"

namespace ferraris::cli {
namespace {

constexpr const char* kLoopback = "127.0.0.1";
constexpr std::int64_t kDaySeconds = 86400;
constexpr std::int64_t kQuarterHour = 900;
/// Between two looks at the progress.
constexpr std::int64_t kSlice = 3600;

std::int64_t now_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// The wanted port, or any free one where another program has it.
template <class Listen>
std::uint16_t listen_somewhere(std::uint16_t wanted, Listen&& listen) {
    try {
        return listen(twin::Endpoint{kLoopback, wanted});
    } catch (const std::runtime_error&) {
        return listen(twin::Endpoint{kLoopback, 0});
    }
}

}  // namespace

class DemoMeter::Implementation {
public:
    Implementation(const DemoMeterSettings& settings, const std::function<void(std::int64_t, std::int64_t)>& progress)
        : crypto_(make_openssl_crypto()), meter_(open(settings)) {
        // The clock must reach the present while metering catches up with it.
        const std::int64_t began = meter_->now().seconds();
        for (std::int64_t left = 0; (left = now_seconds() - meter_->now().seconds()) > 0;) {
            progress(meter_->now().seconds() - began, now_seconds() - began);
            meter_->advance(std::min(left, kSlice));
        }
        metered_seconds_ = meter_->now().seconds() - began;
        twin::PortSettings port_settings;
        port_settings.before_request = [this] { pacer_->observe(); };
        port_settings.heard = [this](const twin::Heard& heard) {
            if (panel_) panel_->hear(heard);
        };
        port_settings.power = [this] { return meter_->power(); };
        ports_.emplace(io_, meter_->device(), *crypto_, port_settings, [](const std::string&) {});
        port_ =
            listen_somewhere(settings.port, [this](const twin::Endpoint& to) { return ports_->listen_wrapper(to); });
        hdlc_port_ =
            listen_somewhere(settings.hdlc_port, [this](const twin::Endpoint& to) { return ports_->listen_hdlc(to); });
        pushes_.emplace(io_, meter_->device(), twin::PushSenderSettings{}, [](const std::string&) {});
        pacer_.emplace(io_, *meter_, *pushes_, twin::Pace{1, {}}, [](const std::string&) {});
        if (settings.panel_port) {
            panel_.emplace(io_, *meter_, *pacer_, [](const std::string&) {});
            panel_port_ =
                listen_somewhere(*settings.panel_port, [this](const twin::Endpoint& to) { return panel_->listen(to); });
        }
        thread_ = std::thread([this] { io_.run(); });
    }

    ~Implementation() {
        // Ports and pacer are closed by their destructors, when their thread has gone.
        io_.stop();
        thread_.join();
    }
    Implementation(const Implementation&) = delete;
    Implementation& operator=(const Implementation&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }
    [[nodiscard]] std::uint16_t hdlc_port() const { return hdlc_port_; }
    [[nodiscard]] std::uint16_t panel_port() const { return panel_port_; }
    [[nodiscard]] std::int64_t metered_seconds() const { return metered_seconds_; }

private:
    std::unique_ptr<twin::VirtualMeter> open(const DemoMeterSettings& settings) {
        twin::VirtualMeterSettings meter;
        meter.scenario.emplace();
        meter.scenario->seed = settings.seed;
        meter.scenario->household = true;
        // Yesterday from its first quarter-hour on, in whatever zone the meter keeps: two days and a half hold it.
        const std::int64_t start = (now_seconds() / kDaySeconds - 1) * kDaySeconds - kDaySeconds / 2 - kQuarterHour;
        meter.start = UtcTime::from_seconds(start);
        const MeterFactory factory = meter_factory(settings.keys, {}, *crypto_);
        meter.factory = factory.settings;
        meter.factory.remote_buttons = settings.remote_buttons;
        auto opened = twin::VirtualMeter::open(meter, *crypto_);
        if (!opened) throw CliError(opened.error());
        return std::move(*opened);
    }

    std::unique_ptr<Crypto> crypto_;
    std::unique_ptr<twin::VirtualMeter> meter_;
    boost::asio::io_context io_{1};
    std::optional<twin::Ports> ports_{};
    std::optional<twin::PushSender> pushes_{};
    std::optional<twin::Pacer> pacer_{};
    std::optional<panel::Panel> panel_{};
    std::thread thread_{};
    std::uint16_t port_{0};
    std::uint16_t hdlc_port_{0};
    std::uint16_t panel_port_{0};
    std::int64_t metered_seconds_{0};
};

DemoMeter::DemoMeter(const DemoMeterSettings& settings, const std::function<void(std::int64_t, std::int64_t)>& progress)
    : implementation_(std::make_unique<Implementation>(settings, progress)) {}
DemoMeter::~DemoMeter() = default;
std::uint16_t DemoMeter::port() const { return implementation_->port(); }
std::uint16_t DemoMeter::hdlc_port() const { return implementation_->hdlc_port(); }
std::uint16_t DemoMeter::panel_port() const { return implementation_->panel_port(); }
std::int64_t DemoMeter::metered_seconds() const { return implementation_->metered_seconds(); }

}  // namespace ferraris::cli
