// Power is cut at flash operations of simulated hours, before, inside and after each, and during the recovery too; what
// comes back is compared with a model that knows nothing of flash.
#include <rapidcheck.h>

#include <map>

#include "meter/fixture.hpp"
#include "meter/profile/profile_status.hpp"
#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

using metrology::Energy;
using testing::at_watts;
using testing::factory_settings;
using testing::MemoryFlash;
using testing::plus_seconds;
using testing::Tear;
using testing::utc;

/// And one, for a count that may be under way on either side.
constexpr std::uint64_t kMilliwatthoursPerMinute = 1500 * 1000 / 60 + 1;

/// What the outside world has been told, and what it therefore may count on.
struct Model {
    std::uint64_t fed_microjoules{0};
    std::map<std::uint32_t, std::uint64_t> rows;  ///< by stamp, watt-hours of import as last read
    std::uint32_t greatest_received{0};
    std::optional<std::uint32_t> greatest_sent;
    std::string secret{"12345678"};
};

class PowerCut : public ::testing::Test {
protected:
    static constexpr UtcTime kFrom = utc(2026, 1, 15, 4, 20);

    void power_up() {
        meter_ = std::make_unique<Meter>(flash_, *crypto_, MeterIdentity::from_serial_number(1), factory_settings());
    }
    std::uint64_t registered_milliwatthours() const {
        return meter_->instrument().registers.milliwatthours(mask_of(Energy::active_import), 0);
    }
    std::map<std::uint32_t, std::uint64_t> rows() const {
        const Profile& profile = meter_->instrument().profiles[ProfileIndex::load];
        std::map<std::uint32_t, std::uint64_t> found;
        const RowSpan span = profile.all();
        for (std::uint32_t i = 0; i < span.span; ++i) {
            ProfileRow row;
            if (!profile.read(span.first + i, row)) continue;
            EXPECT_FALSE(found.contains(row.stamp)) << "a stamp is captured once";
            found[row.stamp] = ByteReader(row.octets).u64();
        }
        return found;
    }
    /// A second of the mains, now and then a client.
    void run_second(Model& model, int second) {
        now_ = plus_seconds(now_, 1);
        meter_->tick(at_watts(1500), now_);
        model.fed_microjoules += std::uint64_t{1500} * 1'000'000;
        if (flash_.powerless()) return;
        if (second % 7 == 0) {
            const auto sent = meter_->next_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast);
            if (sent) {
                ASSERT_TRUE(!model.greatest_sent || *sent > *model.greatest_sent) << "a nonce is never used twice";
                model.greatest_sent = sent;
            }
            const std::uint32_t counter = model.greatest_received + 40;
            if (meter_->accept_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast, counter)) {
                model.greatest_received = counter;
            }
        }
        if (second % 311 == 0) {
            const std::string secret = "secret" + std::to_string(10'000 + second);
            std::vector<std::uint8_t> value{0x09, static_cast<std::uint8_t>(secret.size())};
            value.insert(value.end(), secret.begin(), secret.end());
            const dlms::Association association = testing::association_of(kUtilitySap);
            const auto result = meter_->write({association, {}}, {15, dlms::obis(0, 0, 40, 0, 2), 7}, nullptr, value);
            if (result == dlms::DataAccessResult::success && !flash_.powerless()) model.secret = secret;
        }
        if (!flash_.powerless()) model.rows = rows_if_new(model);
    }
    /// Rows that a client could have read by now.
    std::map<std::uint32_t, std::uint64_t> rows_if_new(const Model& model) const {
        if (now_.seconds() % 900 != 0) return model.rows;
        return rows();
    }
    void check_against(const Model& model, const std::string& where) {
        const std::uint64_t fed = model.fed_microjoules / kMicrojoulesPerMilliwatthour;
        const std::uint64_t registered = registered_milliwatthours();
        EXPECT_LE(registered, fed) << where;
        EXPECT_LE(fed - registered, kMilliwatthoursPerMinute) << where;
        const auto found = rows();
        for (const auto& [stamp, watthours] : model.rows) {
            ASSERT_TRUE(found.contains(stamp)) << where << ": a row is lost";
            EXPECT_EQ(found.at(stamp), watthours) << where;
            EXPECT_GE(registered / 1000, watthours) << where << ": registers went back";
        }
        // Counter 0 is as good as any until one was accepted.
        EXPECT_FALSE(
            model.greatest_received != 0 &&
            meter_->accept_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast, model.greatest_received))
            << where << ": a replay";
        const auto sent = meter_->next_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast);
        ASSERT_TRUE(sent.has_value());
        EXPECT_TRUE(!model.greatest_sent || *sent > *model.greatest_sent) << where;
        const auto& secret = meter_->instrument().secrets[kReaderIndex];
        const std::string text(secret.begin(), secret.end());
        // A write that the cut met may have got through all the same.
        EXPECT_GE(text, model.secret) << where;
    }

    MemoryFlash flash_;
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    std::unique_ptr<Meter> meter_;
    UtcTime now_{kFrom};
};

TEST_F(PowerCut, NothingThatWasAcknowledgedIsLostWhereverItComes) {
    constexpr int kSeconds = 2 * 3600;
    power_up();
    ASSERT_TRUE(meter_->start(now_));
    const std::uint64_t begin = flash_.operations();
    Model whole;
    whole.secret = "secret10000";
    for (int second = 1; second <= kSeconds; ++second) run_second(whole, second);
    const std::uint64_t operations = flash_.operations() - begin;
    ASSERT_GT(operations, 120U);

    std::size_t points = 0;
    for (std::uint64_t operation = 0; operation < operations; ++operation) {
        for (const Tear tear : {Tear::before, Tear::inside, Tear::after}) {
            const std::string where =
                "operation " + std::to_string(operation) + " tear " + std::to_string(static_cast<int>(tear));
            flash_ = MemoryFlash();
            now_ = kFrom;
            power_up();
            ASSERT_TRUE(meter_->start(now_));
            Model model;
            model.secret = "12345678";
            flash_.cut_at(operation, tear, static_cast<std::uint32_t>(operation));
            int second = 1;
            while (second <= kSeconds && !flash_.powerless()) run_second(model, second++);
            ASSERT_TRUE(flash_.powerless()) << where;
            flash_.restore_power();
            // A cut during the recovery too, then one more attempt.
            flash_.cut_at(operation % 5, Tear::inside, static_cast<std::uint32_t>(operation + 1));
            now_ = plus_seconds(now_, 120);
            power_up();
            (void)meter_->start(now_);
            flash_.restore_power();
            power_up();
            ASSERT_TRUE(meter_->start(now_)) << where;
            check_against(model, where);
            // And it goes on from there.
            for (int i = 1; i <= 1000; ++i) run_second(model, 7 * 311 + i);
            check_against(model, where + ", later");
            ++points;
            if (HasFailure()) return;
        }
    }
    RecordProperty("points", static_cast<int>(points));
}

TEST_F(PowerCut, RandomCutsOneAfterTheOther) {
    EXPECT_TRUE(rc::check([this] {
        flash_ = MemoryFlash();
        now_ = kFrom;
        power_up();
        RC_ASSERT(meter_->start(now_));
        Model model;
        std::uint64_t before = 0;
        int second = 1;
        for (int cuts = 0; cuts < 12; ++cuts) {
            flash_.cut_at(*rc::gen::inRange<std::uint64_t>(0, 90),
                          *rc::gen::element(Tear::before, Tear::inside, Tear::after),
                          *rc::gen::arbitrary<std::uint32_t>());
            for (int i = 0; i < 4000 && !flash_.powerless(); ++i) run_second(model, second++);
            flash_.restore_power();
            now_ = plus_seconds(now_, *rc::gen::inRange(0, 3000));
            power_up();
            RC_ASSERT(meter_->start(now_));
            const std::uint64_t registered = registered_milliwatthours();
            RC_ASSERT(registered >= before);
            for (const auto& [stamp, watthours] : model.rows) RC_ASSERT(rows().at(stamp) == watthours);
            for (const auto& [stamp, watthours] : model.rows) RC_ASSERT(registered / 1000 >= watthours);
            before = registered;
            // What the cut took is not coming back: the model goes on from what is registered, and less than a quantum.
            const std::uint64_t fed = model.fed_microjoules / kMicrojoulesPerMilliwatthour;
            RC_ASSERT(registered <= fed);
            RC_ASSERT(fed - registered <= kMilliwatthoursPerMinute);
            model.fed_microjoules =
                std::min(model.fed_microjoules, (registered + 1) * kMicrojoulesPerMilliwatthour - 1);
        }
        RC_ASSERT(!HasFailure());
    }));
}

TEST_F(PowerCut, LastWordsAreExact) {
    power_up();
    ASSERT_TRUE(meter_->start(now_));
    Model model;
    for (int second = 1; second <= 1234; ++second) run_second(model, second);
    ASSERT_TRUE(meter_->power_fail(now_));
    now_ = plus_seconds(now_, 60);
    power_up();
    ASSERT_TRUE(meter_->start(now_));
    EXPECT_EQ(registered_milliwatthours(), model.fed_microjoules / kMicrojoulesPerMilliwatthour);
    EXPECT_EQ(meter_->expected_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast),
              model.greatest_received + 1);
    EXPECT_EQ(meter_->next_invocation_counter(kUtilitySap, dlms::KeySet::global_unicast), *model.greatest_sent + 1);
    // Also what is less than one milliwatt-hour is there: the energy goes on as if nothing had been.
    for (int second = 1; second <= 1000; ++second) run_second(model, second);
    EXPECT_EQ(registered_milliwatthours(), model.fed_microjoules / kMicrojoulesPerMilliwatthour);
}

TEST_F(PowerCut, EnergyMissingAfterAKillIsAtMostAMinute) {
    for (const int seconds : {1, 59, 60, 61, 3599, 3600, 40'000}) {
        flash_ = MemoryFlash();
        now_ = kFrom;
        power_up();
        ASSERT_TRUE(meter_->start(now_));
        for (int second = 1; second <= seconds; ++second) {
            now_ = plus_seconds(now_, 1);
            meter_->tick(at_watts(1500), now_);
        }
        power_up();
        ASSERT_TRUE(meter_->start(now_));
        const auto fed = static_cast<std::uint64_t>(seconds) * 1500 * 1000 / 3600;
        EXPECT_LE(fed - registered_milliwatthours(), kMilliwatthoursPerMinute) << seconds;
    }
}

}  // namespace
}  // namespace ferraris::meter
