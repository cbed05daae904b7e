#include "meter/store/cut_everywhere.hpp"

#include <map>

#include "meter/fixture.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter::testing {
namespace {

constexpr EnergyMask kImport = mask_of(metrology::Energy::active_import);
constexpr std::int64_t kSecondsOff = 90;
constexpr std::size_t kMostFailures = 20;

/// A load that has a peak in some blocks and none in others.
std::uint64_t watts_at(std::int64_t second) {
    return 150 + static_cast<std::uint64_t>(second / 900 * 7919 % 6000 + second / 60 * 37 % 400);
}

std::unique_ptr<Meter> make_meter(board::Flash& flash, Crypto& crypto) {
    return std::make_unique<Meter>(flash, crypto, MeterIdentity::from_serial_number(1), factory_settings());
}

std::string secret_of(const Instrument& meter) {
    const auto& secret = meter.secrets[kReaderIndex];
    return {secret.begin(), secret.end()};
}

bool write_secret(Meter& meter, const std::string& secret) {
    std::array<std::uint8_t, 2 + Secret::capacity()> octets{};
    ByteWriter value(octets);
    dlms::DataWriter(value).octet_string(octets_of(secret));
    const dlms::Association association = association_of(kUtilitySap);
    const dlms::Caller caller{association, {true, true}};
    return meter.write(caller, {15, dlms::obis(0, 0, 40, 0, 2), 7}, nullptr, value.written()) ==
           dlms::DataAccessResult::success;
}

Acknowledged state_of(const Instrument& meter, UtcTime time) {
    Acknowledged state;
    state.time = time;
    state.import_milliwatthours = meter.registers.milliwatthours(kImport, 0);
    state.seconds = meter.registers.seconds(0);
    state.billing_period = meter.billing.period();
    state.maximum_milliwatts = meter.demand.maxima()[0][0].milliwatts;
    for (std::size_t i = 0; i < kProfileCount; ++i) {
        state.newest_row[i] = meter.profiles[static_cast<ProfileIndex>(i)].next();
    }
    state.secret = secret_of(meter);
    return state;
}

/// One loss of power, and what is wrong after it.
class CutPoint {
public:
    CutPoint(CutFlash& flash, Crypto& crypto, const Acknowledged& before, const Acknowledged& after)
        : flash_(flash), crypto_(crypto), before_(before), after_(after) {}

    /// Empty: nothing is wrong.
    std::string check(std::size_t point, bool& cut_again) {
        now_ = plus_seconds(after_.time, kSecondsOff);
        flash_.cut_at(point % 6, 1 + point / 6 % 40);
        power_up();
        cut_again = flash_.powerless();
        flash_.restore_power();
        if (!power_up()) return "it does not start";
        check_state();
        check_rows();
        if (wrong_.empty()) check_gap();
        return wrong_;
    }

private:
    bool power_up() {
        meter_ = make_meter(flash_, crypto_);
        return meter_->start(now_);
    }
    const Instrument& instrument() const { return meter_->instrument(); }
    void expect(bool good, const char* what) {
        if (!good && wrong_.empty()) wrong_ = what;
    }

    void check_state() {
        const Acknowledged found = state_of(instrument(), now_);
        expect(found.import_milliwatthours >= before_.import_milliwatthours, "energy went back");
        expect(found.import_milliwatthours <= after_.import_milliwatthours, "energy from nowhere");
        expect(found.seconds >= before_.seconds && found.seconds <= after_.seconds, "tariff time is wrong");
        std::uint64_t sum = 0;
        for (Rate rate = 1; rate <= kRateCount; ++rate) sum += instrument().registers.milliwatthours(kImport, rate);
        expect(sum == found.import_milliwatthours, "the tariffs are not the total");
        // By now the time of a reset that was to come has come.
        const bool month_over = now_ >= utc(2026, 1, 31, 23) && after_.billing_period == 0;
        expect(found.billing_period == after_.billing_period + (month_over ? 1 : 0), "not exactly one reset");
        BillingRecord record;
        if (found.billing_period != 0) {
            expect(instrument().billing.read(101, record), "a reset without its record");
            expect(record.registers.milliwatthours(kImport, 0) <= found.import_milliwatthours, "history is ahead");
            expect(record.maxima[0][0].milliwatts != 0, "a reset without its maxima");
        }
        if (found.billing_period == before_.billing_period) {
            expect(found.maximum_milliwatts >= before_.maximum_milliwatts, "a maximum is lost");
            expect(found.maximum_milliwatts <= after_.maximum_milliwatts, "a maximum that never was");
        }
        expect(found.secret == before_.secret || found.secret == after_.secret, "a secret is lost");
        const auto counter = meter_->next_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast);
        expect(counter && (!before_.counter_sent || *counter > *before_.counter_sent), "a counter comes twice");
    }

    /// The newest rows that were acknowledged, and those before them.
    void check_rows() {
        constexpr std::uint32_t kLookBack = 3;
        for (std::size_t i = 0; i < kProfileCount; ++i) {
            const Profile& profile = instrument().profiles[static_cast<ProfileIndex>(i)];
            ProfileRow row;
            std::uint32_t earlier = 0;
            const std::uint32_t end = before_.newest_row[i];
            for (std::uint32_t sequence = end > kLookBack ? end - kLookBack : 0; sequence < end; ++sequence) {
                expect(profile.read(sequence, row), "a row is lost");
                expect(row.stamp > earlier, "a row is doubled");
                earlier = row.stamp;
                if (static_cast<ProfileIndex>(i) != ProfileIndex::load) continue;
                const std::uint64_t watthours = ByteReader(ByteView(row.octets).first(8)).u64();
                expect(watthours <= instrument().registers.milliwatthours(kImport, 0) / 1000, "a row is ahead");
            }
        }
    }

    /// The quarter-hour in which power went has its row, and says so; so has the one in which it returned.
    void check_gap() {
        const std::int64_t back = now_.seconds();
        const std::int64_t row_of_return = back - back % 900 + 900;
        while (now_.seconds() < row_of_return) {
            now_ = plus_seconds(now_, 1);
            meter_->tick(at_watts(1000), now_);
        }
        const Profile& profile = instrument().profiles[ProfileIndex::load];
        const RowSpan rows = profile.all();
        ProfileRow row;
        bool marked = false;
        for (std::uint32_t i = rows.span; i > 0 && !marked; --i) {
            if (!profile.read(rows.first + i - 1, row)) continue;
            if (row.stamp < row_of_return) break;
            marked = row.stamp == row_of_return && (row.status & profile_status::kPowerDown) != 0;
        }
        expect(marked, "a gap without status");
        const std::int64_t gone = after_.time.seconds();
        const std::int64_t row_of_loss = gone - gone % 900 + 900;
        if (row_of_loss < back) {
            expect(profile.contains(static_cast<std::uint32_t>(row_of_loss)), "the interval of the loss has no row");
        }
        const Maximum& maximum = instrument().demand.maxima()[0][0];
        expect(maximum.stamp != row_of_return, "a cut interval is a maximum");
    }

    CutFlash& flash_;
    Crypto& crypto_;
    const Acknowledged& before_;
    const Acknowledged& after_;
    UtcTime now_{};
    std::unique_ptr<Meter> meter_{};
    std::string wrong_{};
};

}  // namespace

Recording record(UtcTime from, std::int64_t seconds) {
    Recording recording;
    recording.from = from;
    CutFlash flash;
    flash.record(&recording.operations);
    const auto crypto = make_openssl_crypto();
    const auto meter = make_meter(flash, *crypto);
    UtcTime now = from;
    std::optional<std::uint32_t> sent;
    const auto note = [&] {
        Acknowledged state = state_of(meter->instrument(), now);
        state.operations = recording.operations.size();
        state.counter_sent = sent;
        recording.acknowledged.push_back(state);
    };
    EXPECT_TRUE(meter->start(now));
    note();
    for (std::int64_t i = 1; i <= seconds; ++i) {
        now = plus_seconds(now, 1);
        const std::size_t operations = recording.operations.size();
        meter->tick(at_watts(watts_at(now.seconds())), now);
        if (i % 3600 == 1800) {
            EXPECT_TRUE(write_secret(*meter, "secret" + std::to_string(100'000 + i)));
        }
        if (i % 600 == 300) sent = meter->next_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast);
        if (recording.operations.size() != operations) note();
        recording.acknowledged.back().counter_sent = sent;
    }
    return recording;
}

CutReport cut_everywhere(const Recording& recording, const CutPoints& which) {
    CutReport report;
    CutFlash flash;
    const auto crypto = make_openssl_crypto();
    auto after = recording.acknowledged.begin();
    std::size_t number = 0;
    for (std::size_t k = 0; k < recording.operations.size(); ++k) {
        const FlashOperation& operation = recording.operations[k];
        while (after->operations <= k) ++after;
        // The first start has nothing before it that anybody could count on.
        const bool counts = after != recording.acknowledged.begin() && k % which.parts == which.part;
        std::size_t points = 0;
        for (std::size_t way = 0; counts && way < operation.ways(); ++way) {
            if (number++ % which.every != 0) continue;
            ++points;
            flash.begin(static_cast<std::uint32_t>(k * 31 + way));
            flash.apply(operation, way);
            bool cut_again = false;
            const std::string wrong =
                CutPoint(flash, *crypto, *std::prev(after), *after).check(report.points + points, cut_again);
            report.recoveries += cut_again ? 1 : 0;
            if (!wrong.empty() && report.failures.size() < kMostFailures) {
                report.failures.push_back("operation " + std::to_string(k) + ", way " + std::to_string(way) + ": " +
                                          wrong);
            }
            flash.roll_back();
        }
        report.points += points;
        report.operations += points == 0 ? 0 : 1;
        flash.apply(operation, operation.ways() - 1);
    }
    return report;
}

}  // namespace ferraris::meter::testing
