/// A client whose invocation counters fell behind what the meter has seen (another program has the same keys, a file of
/// counters is lost) is refused, and gets into step again: it learns where the meter has come to, goes on behind that,
/// and says so. What to do next is decided here; connections, waiting and telling people are the program's.
///
///     CounterRecovery recovery;
///     for (;;) {
///         ClientSession session(configuration, crypto, counters, send_buffer);
///         const Progress progress = carry(session, session.associate());
///         if (progress.step == Step::done) break;
///         RecoveryStep step = recovery.association_failed(progress.failure, counters.last());
///         if (step == RecoveryStep::read_counter) step = recovery.counter_read(counter_of_meter());
///         if (step == RecoveryStep::give_up) return progress.failure;
///         if (recovery.first()) tell(recovery.taken());
///         wait(recovery.pause_ms(chance));
///         counters.go_on_behind(recovery.taken());
///     }
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "dlms/client/session.hpp"

namespace ferraris::dlms {

enum class RecoveryStep : std::uint8_t {
    give_up,       ///< the reason is another one; the failure says which
    read_counter,  ///< ask the meter as the public client (MeterCounterReader), and give the answer to `counter_read`
    try_again,     ///< with counters behind `taken`
};

class CounterRecovery {
public:
    /// Many programs may share a key; each try of one of them puts the others out of step.
    static constexpr int kMostTries = 20;

    explicit CounterRecovery(int most_tries = kMostTries) : most_tries_(most_tries) {}

    /// No association. `last_sent`: the last counter that was used; 0 where none was.
    [[nodiscard]] RecoveryStep association_failed(const ClientFailure& failure, std::uint32_t last_sent);
    /// No answer to the AARQ: some meters hang up on a counter that is too low.
    [[nodiscard]] RecoveryStep hung_up(std::uint32_t last_sent);
    /// What the meter told, or did not, after `read_counter`. Beyond the last counter sent: that was the reason.
    [[nodiscard]] RecoveryStep counter_read(std::optional<std::uint32_t> taken);
    /// A request in an association failed, and had no effect. Only where the meter says which counter it expects, as it
    /// is to do, the association can go on.
    [[nodiscard]] RecoveryStep request_failed(const ClientFailure& failure, std::uint32_t last_sent);

    /// The counter that the next one has to be greater than; never below what was sent.
    [[nodiscard]] std::uint32_t taken() const { return taken_; }
    /// This is the first time, so that people are told once.
    [[nodiscard]] bool first() const { return tries_ == 1; }
    /// How long to wait before the next try, so that programs that were refused at the same moment do not meet again:
    /// none the first time, then growing up to 160 ms. `chance` is a random octet.
    [[nodiscard]] std::uint32_t pause_ms(std::uint8_t chance) const;

private:
    RecoveryStep go_on_behind(std::uint32_t taken);

    int most_tries_;
    int tries_{0};  ///< that were found to be worth another
    std::uint32_t last_sent_{0};
    std::uint32_t taken_{0};
};

/// Reads what the meter took last from a client, as the public client, in an association of its own. The first of the
/// objects (class 1) that the meter shows counts.
///
///     MeterCounterReader reader(public_session, names);
///     for (Progress progress = reader.start(); progress.step != Step::done;) progress = reader.next(carry(progress));
///     use(reader.counter());
class MeterCounterReader {
public:
    /// `names` as the companion standards have it: 0-0:43.1.e with e the client, then 0-0:43.1.0. Both belong to the
    /// caller.
    MeterCounterReader(ClientSession& session, std::span<const LogicalName> names) : session_(session), names_(names) {}

    /// The first request.
    [[nodiscard]] Progress start() { return session_.associate(); }
    /// `finished` is what came of the request before: done or failed. The next one, or done.
    [[nodiscard]] Progress next(const Progress& finished);
    /// Nothing where the meter does not tell.
    [[nodiscard]] std::optional<std::uint32_t> counter() const { return counter_; }

private:
    ClientSession& session_;
    std::span<const LogicalName> names_;
    std::size_t asked_{0};
    std::uint8_t memory_[16]{};
    SpanSink value_{memory_};
    std::optional<std::uint32_t> counter_{};
};

}  // namespace ferraris::dlms
