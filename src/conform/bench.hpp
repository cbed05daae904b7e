/// The bench that a conformance case runs on: a line to the meter under test, what is known of the meter, and the
/// record of every octet in both directions.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/crypto.hpp"
#include "dlms/hdlc/address.hpp"

namespace ferraris::conform {

using Octets = std::vector<std::uint8_t>;
using std::chrono::milliseconds;

/// Octets to the meter and back: a socket, a serial line, a session in memory.
class Line {
public:
    virtual ~Line() = default;

    /// A fresh connection, where the line has connections. Throws std::runtime_error when there is none to be had.
    virtual void open() = 0;
    /// A meter that has closed the connection takes nothing; that is no error here.
    virtual void send(ByteView octets) = 0;
    /// Some octets as soon as there are any; none when the line stayed silent for `patience`, or was closed.
    [[nodiscard]] virtual Octets receive(milliseconds patience) = 0;
};

/// What went over the line in one go.
struct Passage {
    bool sent{false};
    Octets octets{};
};

/// A client with HLS by GMAC and global keys.
struct Credentials {
    std::uint16_t client_sap{1};
    Octets system_title{};
    Octets unicast_key{};
    Octets authentication_key{};
    Octets master_key{};                            ///< wraps keys in transfer; may be empty
    std::function<std::uint32_t()> next_counter{};  ///< of the unicast key; never the same twice
};

/// A firmware image for image transfer.
struct Image {
    Octets identifier{};
    Octets octets{};
};

enum class Framing : std::uint8_t { hdlc, wrapper };

/// What is declared of the meter.
struct Target {
    Framing framing{Framing::wrapper};
    std::uint16_t server_sap{1};
    dlms::hdlc::Address hdlc_server{1, 17, 2};
    std::uint16_t public_sap{16};
    std::optional<Credentials> credentials{};
    milliseconds patience{1000};               ///< silence that counts as no answer
    milliseconds inter_frame{500};             ///< silence that ends a frame cut short
    bool destructive{false};                   ///< cases that change keys or write values, and put them back, may run
    bool irreversible{false};                  ///< cases that cannot be put back may run: policies, activation
    std::optional<Image> image{};              ///< of firmware, that the meter takes
    std::optional<milliseconds> inactivity{};  ///< of the link; without it nothing waits that long
};

enum class Verdict : std::uint8_t { passed, failed, inconclusive, not_applicable };
[[nodiscard]] const char* name_of(Verdict verdict);

/// Thrown by a case to end it with another verdict than passed.
struct Finding {
    Verdict verdict{Verdict::failed};
    std::string why{};
};

/// Ends the case as failed unless `met`. `expected` reads as what the standard wants: "UA answers SNRM".
void expect(bool met, const std::string& expected);

class Bench {
public:
    Bench(Line& line, const Target& target, Crypto& crypto) : line_(line), target_(target), crypto_(crypto) {}

    [[nodiscard]] const Target& target() const { return target_; }
    [[nodiscard]] Crypto& crypto() { return crypto_; }
    /// Ends the case as not applicable when no keys are declared.
    [[nodiscard]] const Credentials& credentials() const;

    void open() { line_.open(); }
    void send(ByteView octets);
    [[nodiscard]] Octets receive(milliseconds patience);
    /// Lets time pass on the line; true when it stayed silent.
    [[nodiscard]] bool stays_silent(milliseconds duration) { return receive(duration).empty(); }

    /// Waits until the line was silent for so long, whatever comes meanwhile.
    void settle(milliseconds duration) {
        while (!stays_silent(duration)) {
        }
    }

    [[nodiscard]] const std::vector<Passage>& record() const { return record_; }

private:
    Line& line_;
    const Target& target_;
    Crypto& crypto_;
    std::vector<Passage> record_{};
};

}  // namespace ferraris::conform
