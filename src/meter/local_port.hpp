/// What the meter has to say in IEC 62056-21: the data readout, and reading and setting by OBIS code. All values come
/// through the object table, with the rights of the level whose password was given.
#pragma once

#include <cstdint>

#include "dlms/iec62056_21/server.hpp"
#include "dlms/server/logical_device.hpp"
#include "meter/ports/local_port_setup.hpp"

namespace ferraris::meter {

/// Who gives no password has the rights of the public client. The passwords of the others (reader, technician, utility)
/// are those of the port's setup, or where it has none the secrets of the clients. A level's number is its client's
/// SAP.
class LocalPort final : public dlms::iec62056_21::ServerDevice {
public:
    /// `meter` is one whose objects are those of the object table. `setup` is the port's, which may change; null: none.
    explicit LocalPort(dlms::LogicalDevice& meter, const LocalPortSetup* setup = nullptr)
        : meter_(meter), setup_(setup) {}
    virtual ~LocalPort() = default;
    LocalPort(const LocalPort&) = delete;
    LocalPort& operator=(const LocalPort&) = delete;

    /// The rows of `kReadoutList`, each as `address(value*unit)`.
    [[nodiscard]] dlms::iec62056_21::Piece readout(std::size_t piece, ByteWriter& out) override;
    /// Nothing: passwords are compared as they are (P1), no result of an algorithm (P2) is taken.
    void challenge(ByteWriter& out) override;
    [[nodiscard]] std::uint8_t password(const dlms::iec62056_21::Command& command) override;
    /// R1 with `address()`: an OBIS code, short as `1.8.0` or whole as `1-0:1.8.0*255`.
    [[nodiscard]] dlms::iec62056_21::Piece read(std::uint8_t level, const dlms::iec62056_21::Command& command,
                                                std::size_t piece, ByteWriter& out) override;
    /// W1 of the time `0.9.1(hhmmss)` and the date `0.9.2(YYMMDD)`, and of what is on or off with `(1)` or `(0)`: the
    /// test mode of the display is `0-0:128.30.4`.
    [[nodiscard]] dlms::iec62056_21::DeviceError write(std::uint8_t level,
                                                       const dlms::iec62056_21::Command& command) override;
    [[nodiscard]] dlms::iec62056_21::DeviceError execute(std::uint8_t level,
                                                         const dlms::iec62056_21::Command& command) override;

private:
    /// What opens the level of `access`, empty when nothing does.
    [[nodiscard]] ByteView password_of(const dlms::ClientAccess& access) const;

    dlms::LogicalDevice& meter_;
    const LocalPortSetup* setup_;
};

}  // namespace ferraris::meter
