/// The counters of one association, between the session that needs them and the file that keeps them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "cli/counters_file.hpp"
#include "dlms/client/configuration.hpp"

namespace ferraris::cli {

class AssociationCounters : public dlms::InvocationCounters {
public:
    /// Sends from `at_least` on, or from what the file says if that is more. What meters sent with is taken from the
    /// file here and now: while an association goes on, others may hear what comes behind its own answers. `file` may
    /// be null: nothing is kept then; else it outlives this.
    void start(CountersFile* file, std::uint16_t client_sap, std::uint32_t at_least);

    [[nodiscard]] std::optional<std::uint32_t> reserve() override;
    [[nodiscard]] std::optional<std::uint32_t> last_heard(ByteView server_system_title) const override;

    /// The last number that was given out since `start`; 0 when none was.
    [[nodiscard]] std::uint32_t last_sent() const { return last_sent_; }
    /// Keeps what the meter sent with last.
    void keep_heard(ByteView server_system_title, std::uint32_t counter);

private:
    CountersFile* file_{nullptr};
    std::uint16_t client_sap_{0};
    std::optional<CounterSource> source_{};
    std::map<SystemTitle, std::uint32_t> heard_{};
    std::uint32_t last_sent_{0};
};

}  // namespace ferraris::cli
