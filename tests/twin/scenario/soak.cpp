#include "twin/scenario/soak.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>

#include "board/buttons.hpp"
#include "meter/local_port.hpp"
#include "meter/security/client_level.hpp"
#include "twin/scenario/soak_faults.hpp"
#include "twin/scenario/support.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin::scenario::testing {
namespace {

using meter::Event;
using meter::ProfileIndex;
using metrology::Energy;

constexpr std::int64_t kSecondsOfDay = 86'400;
constexpr std::uint32_t kSoakPeriod = 900;
constexpr std::uint64_t kMicrojoulesACount = 3'600'000;  // a milliwatt-hour
constexpr std::uint8_t kGapBits = meter::profile_status::kPowerDown | meter::profile_status::kClockAdjusted |
                                  meter::profile_status::kClockInvalid | meter::profile_status::kDataNotValid;

/// Faults of one lane, one after the other.
struct Lane {
    const std::vector<FaultRow>& rows;
    std::int64_t longest_pause_s{0};
    const FaultRow* fault{nullptr};  ///< going on, or settling
    std::int64_t next_s{0};          ///< when its next phase begins
    bool over{false};                ///< it has ended and settles
};

class Soak {
public:
    Soak(std::uint64_t seed, SoakReport& report, const Sabotage& sabotage)
        : random_(seed),
          visitors_(seed + 1),
          report_(report),
          sabotage_(sabotage),
          start_(UtcTime::from_seconds(1'767'225'600 + static_cast<std::int64_t>(random_() % 365) * kSecondsOfDay)),
          scenario_(make_scenario(seed)),
          stage_(flash_, *crypto_, stage_settings(), scenario_, nullptr, start_) {}

    bool begin() {
        if (!stage_.start()) return fail("the flash does not answer");
        expect(Event::power_up);
        summer_ = is_summer();
        take_bearings();
        next_row_ = profile().next();
        return true;
    }

    bool run_second() {
        now_s_ = report_.seconds;
        if (!step(exclusive_) || !step(covers_)) return false;
        const bool powered = stage_.is_powered();
        stage_.run_second();
        ++report_.seconds;
        if (!powered) return true;
        integrate(stage_.last_second());
        if (sabotage_) sabotage_(stage_, now_s_);
        return check_second() && receive_visitors();
    }

private:
    static Scenario make_scenario(std::uint64_t seed) {
        Scenario scenario;
        scenario.household = true;
        scenario.seed = seed;
        return scenario;
    }

    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(most - least + 1));
    }
    bool fail(const std::string& what) {
        report_.violation = fmt::format("{} s after the beginning ({}, {}): {}", report_.seconds, name_of(exclusive_),
                                        name_of(covers_), what);
        return false;
    }
    static std::string_view name_of(const Lane& lane) { return lane.fault != nullptr ? lane.fault->name : "nothing"; }

    [[nodiscard]] const meter::Instrument& instrument() { return stage_.device().instrument(); }
    [[nodiscard]] const meter::Profile& profile() { return instrument().profiles[ProfileIndex::load]; }
    [[nodiscard]] bool is_summer() { return summer_at(instrument().clock.utc().seconds()); }

    /// The rule of the European Union: from 01:00 UTC of the last Sunday of March to that of October.
    static bool summer_at(std::int64_t time) {
        const std::int32_t year = civil_from_utc(UtcTime::from_seconds(time)).year;
        const auto change = [year](std::uint8_t month) {
            const std::int64_t last = days_from_civil(year, month, 31);
            return (last - weekday_from_days(last) % 7) * kSecondsOfDay + 3600;
        };
        return time >= change(3) && time < change(10);
    }
    /// A clock that is set across a change switches more often than anybody looks.
    bool near_change_of_clocks() {
        const std::int64_t time = instrument().clock.utc().seconds();
        return summer_at(time - 2 * 3600) != summer_at(time + 2 * 3600);
    }

    void expect(Event event) { ++expected_[event]; }

    bool step(Lane& lane) {
        if (now_s_ < lane.next_s) return true;
        if (lane.fault == nullptr) {
            begin_fault(lane);
        } else if (!lane.over) {
            lane.over = true;
            lane.next_s = now_s_ + lane.fault->settle_s;
            apply(lane.fault->end);
        } else if (!stage_.is_powered()) {
            lane.next_s = now_s_ + lane.fault->settle_s;  // The other lane has the mains away: nothing is told yet.
        } else {
            lane.fault = nullptr;
            lane.next_s = now_s_ + between(1, lane.longest_pause_s);
            return check_quiet();
        }
        return report_.violation.empty();
    }

    void begin_fault(Lane& lane) {
        const FaultRow& row =
            lane.rows[static_cast<std::size_t>(between(0, static_cast<std::int64_t>(lane.rows.size()) - 1))];
        const bool sets_clock =
            std::ranges::any_of(row.begin, [](const Change& change) { return change.subject == Subject::shift_clock; });
        // A magnet that is there already does not pass by.
        const bool meets_magnet = row.name == "magnet passes by" || row.name == "magnet";
        const Lane& other = &lane == &exclusive_ ? covers_ : exclusive_;
        const bool magnet_there =
            other.fault != nullptr &&
            std::ranges::any_of(other.fault->begin, [](const Change& each) { return each.subject == Subject::magnet; });
        if (random_() % row.one_in != 0 || (sets_clock && near_change_of_clocks()) || (meets_magnet && magnet_there)) {
            lane.next_s = now_s_ + 60;
            return;
        }
        lane.fault = &row;
        lane.over = false;
        lane.next_s = now_s_ + between(row.shortest_s, row.longest_s);
        ++report_.faults;
        for (const Event event : row.events) expect(event);
        if (row.marks_rows) marked_until_s_ = now_s_ + (lane.next_s - now_s_) + 2 * kSoakPeriod + kLongestShift_s;
        apply(row.begin);
    }

    void apply(const std::vector<Change>& changes) {
        for (const Change& change : changes) {
            const std::uint32_t refused = stage_.refusals();
            const bool was_powered = stage_.is_powered();
            const bool loses = change.subject == Subject::mains || change.subject == Subject::restart;
            stage_.apply(change);
            if (stage_.refusals() != refused) (void)fail("the meter refused what it has to do");
            if (!stage_.is_well()) (void)fail("the flash refused");
            if (loses && stage_.is_powered() && (!was_powered || change.subject == Subject::restart)) came_back(change);
            if (was_powered && !stage_.is_powered()) {
                ++report_.losses_of_power;
                last_words_ = change.value == static_cast<std::int64_t>(MainsState::off);
            }
            if (stage_.is_powered()) (void)check_rows();
        }
    }

    /// What came back must be all, but for what a loss of power without last words takes: less than a minute.
    void came_back(const Change& change) {
        const bool exact = change.subject != Subject::restart && last_words_;
        for (std::size_t i = 0; i < metrology::kEnergyCount; ++i) {
            const std::uint64_t found = counted(i);
            if (found > reference_[i] || found < (exact ? reference_[i] : minute_ago_[i])) {
                (void)fail(fmt::format("energy {}: {} µJ came back of {}, {} of which a minute old", i, found,
                                       reference_[i], minute_ago_[i]));
            }
        }
        take_bearings();
    }

    /// What the registers hold, to the last microjoule.
    std::uint64_t counted(std::size_t energy) {
        const auto& registers = instrument().registers;
        const auto mask = meter::mask_of(static_cast<Energy>(energy));
        std::uint64_t sum = 0;
        for (meter::Rate rate = 1; rate <= meter::kRateCount; ++rate) sum += registers.milliwatthours(mask, rate);
        if (sum != registers.milliwatthours(mask, 0)) (void)fail("the tariffs are not the total");
        return sum * kMicrojoulesACount + registers.remainders()[energy];
    }
    void take_bearings() {
        for (std::size_t i = 0; i < metrology::kEnergyCount; ++i) reference_[i] = minute_ago_[i] = counted(i);
        minutes_.clear();
    }

    /// A second of the world, by its powers alone. Active energy has its own direction, reactive its quadrant.
    void integrate(const metrology::Measurement& second) {
        const std::int64_t p = second.active_power_milliwatts;
        const std::int64_t q = second.reactive_power_millivars;
        const auto add = [&](Energy energy, std::int64_t milli) {
            reference_[static_cast<std::size_t>(energy)] +=
                static_cast<std::uint64_t>(milli < 0 ? -milli : milli) * 1000;
        };
        add(p >= 0 ? Energy::active_import : Energy::active_export, p);
        add(p >= 0 ? (q >= 0 ? Energy::reactive_q1 : Energy::reactive_q4)
                   : (q >= 0 ? Energy::reactive_q2 : Energy::reactive_q3),
            q);
        add(p >= 0 ? Energy::apparent_import : Energy::apparent_export, second.apparent_power_millivoltamperes);
        minutes_.push_back(reference_);
        if (minutes_.size() > 61) {
            minute_ago_ = minutes_.front();
            minutes_.erase(minutes_.begin());
        }
    }

    bool check_second() {
        const bool summer = is_summer();
        if (summer != summer_) expect(Event::daylight_saving_switched);
        summer_ = summer;
        if (report_.seconds % 60 == 0) {
            for (std::size_t i = 0; i < metrology::kEnergyCount; ++i) {
                if (const std::uint64_t found = counted(i); found != reference_[i]) {
                    return fail(
                        fmt::format("energy {}: {} µJ in the registers, {} in the world", i, found, reference_[i]));
                }
            }
        }
        return check_rows() && report_.violation.empty();
    }

    /// Rows that are new: a stamp once, values that never fall and are those of the registers, a status for each gap.
    bool check_rows() {
        for (meter::ProfileRow row; next_row_ < profile().next(); ++next_row_) {
            ++report_.rows;
            if (!profile().read(next_row_, row)) return fail("a row is torn");
            ByteReader in(row.octets);
            const std::array<std::uint64_t, 2> values{in.u64(), in.u64()};
            const std::uint64_t import_wh =
                instrument().registers.milliwatthours(meter::mask_of(Energy::active_import), 0) / 1000;
            if (row.stamp % kSoakPeriod != 0) return fail(fmt::format("a row at {} is within an interval", row.stamp));
            if (!stamps_.insert(row.stamp).second) return fail(fmt::format("the stamp {} comes twice", row.stamp));
            if (values[0] < last_values_[0] || values[1] < last_values_[1]) return fail("a row goes back");
            if (values[0] != import_wh) {
                return fail(fmt::format("a row has {} Wh, the register {}", values[0], import_wh));
            }
            const bool gap = last_stamp_ != 0 && row.stamp - last_stamp_ != kSoakPeriod;
            if (gap && (row.status & kGapBits) == 0) {
                return fail(fmt::format("no status behind the gap from {} to {}", last_stamp_, row.stamp));
            }
            if ((row.status & kGapBits) != 0 && last_stamp_ != 0 && report_.seconds > marked_until_s_) {
                return fail(fmt::format("the row at {} has status {:02x} for nothing", row.stamp, row.status));
            }
            last_stamp_ = row.stamp;
            last_values_ = values;
        }
        return true;
    }

    /// Between two faults of a lane, when what the other one does has been told too: each has its events, and there are
    /// no others.
    bool check_quiet() {
        if (exclusive_.fault != nullptr || covers_.fault != nullptr) return true;
        report_.events = 0;
        for (const meter::EventRow& row : meter::event_table()) {
            const std::uint32_t found = instrument().event_logs.count(row.event);
            const auto wanted = expected_.find(row.event);
            const std::uint32_t count = wanted == expected_.end() ? 0 : wanted->second;
            report_.events += found;
            if (found != count) {
                return fail(fmt::format("event {} ({}) was told {} times, it happened {} times",
                                        static_cast<unsigned>(row.event), row.text, found, count));
            }
        }
        return true;
    }

    /// People at the display's button, and crews at the optical port, whatever else goes on. Neither leaves more than
    /// two rows in a log.
    bool receive_visitors() {
        if (now_s_ < next_visit_s_) return true;
        const auto chance = [this](std::uint64_t most) { return static_cast<std::int64_t>(visitors_() % most); };
        next_visit_s_ = now_s_ + 600 + chance(8 * 3600);
        ++report_.visits;
        if (chance(2) == 0) return read_at_the_optical_port();
        const auto held_ms = static_cast<std::uint32_t>(100 + chance(10'000));
        stage_.apply({Subject::press, static_cast<std::int64_t>(board::Button::display), held_ms, {}});
        if (instrument().display.mode() == meter::DisplayMode::off) return fail("the display is dark with power");
        return true;
    }

    /// With the reader's password: what is read is what is counted, and nothing can be set.
    bool read_at_the_optical_port() {
        using dlms::iec62056_21::DeviceError;
        using dlms::iec62056_21::text_of;
        meter::LocalPort port(stage_.device());
        const std::string password = fmt::format("({})", kTestReaderPassword);
        const std::uint8_t level = port.password({'P', '1', text_of(password), false});
        if (level != meter::kReaderSap) return fail("the optical port does not take the reader's password");
        expect(Event::local_login);
        expect(Event::login);
        std::array<std::uint8_t, 64> octets{};
        ByteWriter answer(octets);
        if (port.read(level, {'R', '1', text_of("1.8.0()"), false}, 0, answer).error != DeviceError::none)
            return fail("the optical port does not say what was imported");
        const std::uint64_t import_wh =
            instrument().registers.milliwatthours(meter::mask_of(Energy::active_import), 0) / 1000;
        const std::string expected = fmt::format("1.8.0({:08}.{:03}*kWh)", import_wh / 1000, import_wh % 1000);
        const std::string found(answer.written().begin(), answer.written().end());
        if (found != expected) return fail(fmt::format("the optical port says {}, not {}", found, expected));
        if (port.write(level, {'W', '1', text_of("0.9.1(120000)"), false}) != DeviceError::not_permitted)
            return fail("a reader sets the clock");
        return true;
    }

    /// Four faults of the table that set the clock back: so long there are no new rows.
    static constexpr std::int64_t kLongestShift_s = 10'000;

    std::mt19937_64 random_;
    std::mt19937_64 visitors_;  ///< of their own: who comes does not change the world
    SoakReport& report_;
    const Sabotage& sabotage_;
    UtcTime start_;
    Scenario scenario_;
    FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    Stage stage_;
    Lane exclusive_{exclusive_faults(), 1800, nullptr, 60, false};
    Lane covers_{cover_faults(), 4 * 3600, nullptr, 600, false};
    std::map<Event, std::uint32_t> expected_{};
    std::array<std::uint64_t, metrology::kEnergyCount> reference_{};   ///< of the world, in microjoules
    std::array<std::uint64_t, metrology::kEnergyCount> minute_ago_{};  ///< the same before the last minute
    std::vector<std::array<std::uint64_t, metrology::kEnergyCount>> minutes_{};
    std::set<std::uint32_t> stamps_{};
    std::array<std::uint64_t, 2> last_values_{};
    std::uint32_t last_stamp_{0};
    std::uint32_t next_row_{0};
    std::int64_t now_s_{0};
    std::int64_t next_visit_s_{900};
    std::int64_t marked_until_s_{2 * kSoakPeriod};  ///< the first row says that its interval was not whole
    bool summer_{false};
    bool last_words_{false};
};

}  // namespace

SoakReport soak(std::uint64_t seed, std::int64_t days,
                const std::function<void(std::int64_t, const SoakReport&)>& progress, const Sabotage& sabotage) {
    SoakReport report;
    Soak run(seed, report, sabotage);
    if (!run.begin()) return report;
    for (std::int64_t day = 1; day <= days; ++day) {
        for (std::int64_t second = 0; second < kSecondsOfDay; ++second) {
            if (!run.run_second()) return report;
        }
        if (progress) progress(day, report);
    }
    return report;
}

}  // namespace ferraris::twin::scenario::testing
