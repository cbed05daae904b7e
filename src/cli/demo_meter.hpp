/// The meter of the demonstration: a virtual meter in a thread of its own, behind real sockets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace ferraris::cli {

struct DemoMeterSettings {
    std::uint16_t port{4059};                   ///< of the wrapper on loopback; where it is taken, any free one
    std::uint16_t hdlc_port{4060};              ///< likewise
    std::optional<std::uint16_t> panel_port{};  ///< of the front panel, likewise; without one there is none
    std::uint64_t seed{1};
    std::filesystem::path keys{};  ///< made with random keys when it is not there
    bool remote_buttons{false};    ///< its buttons can be pressed over DLMS
};

class DemoMeter {
public:
    /// Meters from the midnight before last until now, as fast as the machine can; `progress` gets seconds done and to
    /// do. Then it listens and goes on at the speed of the wall clock. Throws CliError.
    DemoMeter(const DemoMeterSettings& settings, const std::function<void(std::int64_t, std::int64_t)>& progress);
    /// Ends the thread; connections are closed.
    ~DemoMeter();
    DemoMeter(const DemoMeter&) = delete;
    DemoMeter& operator=(const DemoMeter&) = delete;

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::uint16_t hdlc_port() const;
    /// 0: there is none.
    [[nodiscard]] std::uint16_t panel_port() const;
    /// Seconds that were metered before it began to listen.
    [[nodiscard]] std::int64_t metered_seconds() const;

private:
    class Implementation;
    std::unique_ptr<Implementation> implementation_;
};

}  // namespace ferraris::cli
