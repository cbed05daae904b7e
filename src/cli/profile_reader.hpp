/// The buffer of a profile (IEC 62056-6-2, class 7), made readable: columns with units, rows with full time stamps.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/date_time.hpp"
#include "cli/format.hpp"
#include "cli/value.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "dlms/profile_buffer.hpp"

namespace ferraris::cli {

struct ProfileColumn {
    dlms::CaptureObject object{};
    std::optional<ScalerUnit> scaler_unit{};

    [[nodiscard]] bool is_clock() const { return object.attribute.class_id == 8 && object.attribute.attribute == 2; }
};

/// What the profile says about itself.
struct ProfileLayout {
    dlms::LogicalName name{};
    std::vector<ProfileColumn> columns{};
    std::uint32_t capture_period_s{0};  ///< 0: not periodic, a log
    std::uint32_t entries_in_use{0};
    bool newest_first{false};

    /// The column with the time stamps; nothing when none is captured.
    [[nodiscard]] std::optional<std::size_t> clock_column() const;
};

/// Throws CliError when there is no such profile for this client.
[[nodiscard]] ProfileLayout read_profile_layout(Client& client, const dlms::LogicalName& name);

/// One captured row; `time` is the resolved time stamp, `values` the columns as captured, with repetitions filled in.
struct ProfileRow {
    std::optional<dlms::DateTime> time{};
    std::vector<Value> values{};
};

/// Which rows. At most one of range, entries and last.
struct ProfileQuery {
    std::optional<UserTime> from{};
    std::optional<UserTime> to{};
    std::optional<std::uint32_t> first_entry{};  ///< from 1
    std::uint32_t last_entry{0};                 ///< 0: up to the end
    std::optional<std::uint32_t> last{};         ///< the newest so many
};

/// Makes rows of the encoded buffer while it arrives in pieces; what the meter left out is filled in.
class ProfileRows {
public:
    ProfileRows(const ProfileLayout& layout, std::function<void(const ProfileRow&)> row);
    ProfileRows(const ProfileRows&) = delete;
    ProfileRows& operator=(const ProfileRows&) = delete;
    ~ProfileRows() = default;
    /// False: this is no buffer of a profile.
    [[nodiscard]] bool push(ByteView octets);
    /// What has arrived is a whole buffer.
    [[nodiscard]] bool complete() const { return buffer_.complete(); }

private:
    [[nodiscard]] bool take(ByteView row);

    std::optional<std::size_t> clock_column_;
    std::function<void(const ProfileRow&)> row_;
    std::vector<std::uint8_t> memory_;
    std::vector<std::uint8_t> row_memory_;
    std::vector<std::uint8_t> expanded_memory_;
    std::vector<std::uint8_t> before_memory_;
    dlms::BufferReader buffer_;
    dlms::RowExpander expander_;
};

/// Reads the rows that `query` names and gives them to `row` in the order of the meter. Uses selective access where the
/// meter can, and else reads all and leaves out what was not wanted. `note` is told when that happens; `progress` how
/// many rows came. Times go to the meter in `form`, or else with the other type.
void read_profile_rows(Client& client, const ProfileLayout& layout, const ProfileQuery& query, const TimeForm& form,
                       const std::function<void(const ProfileRow&)>& row,
                       const std::function<void(const std::string&)>& note,
                       const std::function<void(std::uint64_t rows)>& progress);

}  // namespace ferraris::cli
