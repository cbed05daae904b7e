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

/// Fills in what meters leave out: null-data in place of a time stamp is the one before plus the period, null-data in
/// place of a value repeats it, and a delta is added to it.
class RowResolver {
public:
    explicit RowResolver(const ProfileLayout& layout) : layout_(layout) {}
    /// `row` is one structure of the buffer.
    [[nodiscard]] ProfileRow resolve(const Value& row);

private:
    const ProfileLayout& layout_;
    std::optional<dlms::DateTime> time_{};
    std::vector<Value> previous_{};
};

/// Takes the rows out of the encoded buffer while it arrives in pieces.
class BufferParser {
public:
    explicit BufferParser(std::function<void(const Value&)> row) : row_(std::move(row)) {}
    /// False: this is no array of rows.
    [[nodiscard]] bool push(ByteView octets);
    /// What has arrived is a whole buffer.
    [[nodiscard]] bool complete() const;

private:
    std::function<void(const Value&)> row_;
    std::vector<std::uint8_t> pending_{};
    std::optional<std::size_t> expected_{};
    std::size_t seen_{0};
    bool compact_{false};
};

/// Reads the rows that `query` names and gives them to `row` in the order of the meter. Uses selective access where the
/// meter can, and else reads all and leaves out what was not wanted. `note` is told when that happens; `progress` how
/// many rows came. Times go to the meter in `form`, or else with the other type.
void read_profile_rows(Client& client, const ProfileLayout& layout, const ProfileQuery& query, const TimeForm& form,
                       const std::function<void(const ProfileRow&)>& row,
                       const std::function<void(const std::string&)>& note,
                       const std::function<void(std::uint64_t rows)>& progress);

}  // namespace ferraris::cli
