// What holds of every attribute and every method of the object table, also of those that somebody adds: nothing that is
// refused changes anything, everything that is accepted is there after a loss of power, whole or not at all.
#include <algorithm>
#include <random>
#include <set>

#include "meter/fixture.hpp"
#include "meter/objects/classes.hpp"
#include "meter/objects/data_variants.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/store/layout.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::AttributeDescriptor;
using dlms::DataAccessResult;
using testing::Bench;
using testing::MemoryFlash;
using testing::Tear;
using Octets = std::vector<std::uint8_t>;

AttributeDescriptor attribute_of(const ObjectRow& row, int attribute) {
    return {row.object_class->class_id, row.name, static_cast<std::int8_t>(attribute)};
}

/// A protected value is enciphered anew each time that it is read.
bool is_enciphered(const ObjectRow& row, int attribute) { return row.object_class->class_id == 30 && attribute == 2; }

/// What the utility may write.
std::vector<std::pair<const ObjectRow*, int>> writable_attributes() {
    std::vector<std::pair<const ObjectRow*, int>> all;
    for (const ObjectRow& row : object_table()) {
        for (int attribute = 2; attribute <= static_cast<int>(row.object_class->attributes.size()) + 1; ++attribute) {
            const bool writable = row.object_class->attributes[static_cast<std::size_t>(attribute - 2)].take != nullptr;
            if (writable && !is_enciphered(row, attribute) && row.access->of(Level::utility).may_write(attribute))
                all.emplace_back(&row, attribute);
        }
    }
    return all;
}

/// Settings that are no settings: the time, alarms and errors that stand, what the display does at the moment.
bool is_of_the_moment(const ObjectRow& row, int attribute) {
    return (row.object_class->class_id == 8 && attribute == 2) || row.object_class == &kAlarmDataClass ||
           row.object_class == &kErrorDataClass || row.object_class == &kTestModeClass ||
           row.object_class == &kButtonsClass;
}

std::string name_of(const ObjectRow& row, int number) {
    return std::to_string(row.object_class->class_id) + ' ' + to_hex(row.name.view()) + ' ' + std::to_string(number);
}

/// Every attribute of an object as the utility reads it, with the results where it reads nothing.
std::vector<std::pair<DataAccessResult, Octets>> state_of(Bench& bench, const ObjectRow& row,
                                                          bool is_well_formed = true) {
    std::vector<std::pair<DataAccessResult, Octets>> state;
    const bool association = row.object_class->class_id == 15;  // Its list of all objects follows from the table.
    for (int attribute = association ? 3 : 2; attribute <= static_cast<int>(row.object_class->attributes.size()) + 1;
         ++attribute) {
        if (is_enciphered(row, attribute)) continue;
        Octets value = bench.read(kUtilitySap, attribute_of(row, attribute));
        if (bench.result == DataAccessResult::success && is_well_formed) {
            dlms::DataReader in(value);
            EXPECT_TRUE(in.any().has_value() && in.finished()) << name_of(row, attribute) << ' ' << to_hex(value);
        }
        state.emplace_back(bench.result, std::move(value));
    }
    return state;
}

TEST(AttributeProperties, WhatIsRefusedChangesNothingAndWhatIsAcceptedSurvivesALossOfPower) {
    std::size_t refused = 0;
    std::size_t accepted = 0;
    for (const auto& [row, attribute] : writable_attributes()) {
        SCOPED_TRACE(name_of(*row, attribute));
        Bench bench;
        const AttributeDescriptor descriptor = attribute_of(*row, attribute);
        const Octets original = bench.read(kUtilitySap, descriptor);
        auto before = state_of(bench, *row);
        Octets written = original;
        std::size_t losses_of_power = 0;
        for (const Octets& value : testing::variants_of(original)) {
            const DataAccessResult result = bench.write(kUtilitySap, descriptor, value);
            const Octets found = bench.read(kUtilitySap, descriptor);
            if (result != DataAccessResult::success) {
                ++refused;
                ASSERT_NE(result, DataAccessResult::hardware_fault) << to_hex(value);
                ASSERT_EQ(found, written) << to_hex(value);
                continue;
            }
            ++accepted;
            const bool changed = found != written;
            written = found;
            if (changed && losses_of_power < 3 && !is_of_the_moment(*row, attribute)) {
                ++losses_of_power;
                bench.power_up();
                ASSERT_EQ(bench.read(kUtilitySap, descriptor), written) << to_hex(value);
            }
            before = state_of(bench, *row);
        }
        EXPECT_EQ(state_of(bench, *row), before) << "what was refused last";
    }
    EXPECT_GT(refused, 10'000U);
    EXPECT_GT(accepted, 1'000U);
}

TEST(AttributeProperties, WhatAMeterShowsAsItsSettingItTakesAgain) {
    Bench bench;
    for (const auto& [row, attribute] : writable_attributes()) {
        const Octets value = bench.read(kUtilitySap, attribute_of(*row, attribute));
        if (bench.result != DataAccessResult::success) continue;  // a secret
        EXPECT_EQ(bench.write(kUtilitySap, attribute_of(*row, attribute), value), DataAccessResult::success)
            << name_of(*row, attribute) << ' ' << to_hex(value);
        EXPECT_EQ(bench.read(kUtilitySap, attribute_of(*row, attribute)), value) << name_of(*row, attribute);
    }
}

/// Another value that the attribute takes; none for what only ever has one.
std::optional<Octets> another_value(const ObjectRow& row, int attribute) {
    Bench bench;
    const Octets original = bench.read(kUtilitySap, attribute_of(row, attribute));
    if (bench.result != DataAccessResult::success) return std::nullopt;
    for (const Octets& value : testing::variants_of(original)) {
        if (bench.write(kUtilitySap, attribute_of(row, attribute), value) != DataAccessResult::success) continue;
        if (bench.read(kUtilitySap, attribute_of(row, attribute)) != original) return value;
    }
    return std::nullopt;
}

TEST(AttributeProperties, AWriteThatPowerCutsIsWholeOrNotAtAll) {
    std::size_t cuts = 0;
    std::set<std::pair<const ClassTable*, int>> tried;
    for (const auto& [row, attribute] : writable_attributes()) {
        // The objects of one class table are written by one function.
        if (is_of_the_moment(*row, attribute) || !tried.emplace(row->object_class, attribute).second) continue;
        const auto value = another_value(*row, attribute);
        if (!value) continue;
        SCOPED_TRACE(name_of(*row, attribute));
        const AttributeDescriptor descriptor = attribute_of(*row, attribute);
        bool cut = true;
        for (std::uint64_t operation = 0; cut && operation < 4; ++operation) {
            for (const Tear tear : {Tear::before, Tear::inside, Tear::after}) {
                Bench bench;
                const Octets old = bench.read(kUtilitySap, descriptor);
                bench.flash.cut_at(operation, tear, static_cast<std::uint32_t>(operation));
                const DataAccessResult result = bench.write(kUtilitySap, descriptor, *value);
                cut = bench.flash.powerless();
                const Octets told = bench.read(kUtilitySap, descriptor);
                if (result != DataAccessResult::success) ++cuts;
                // Before anything is in flash, what is refused is refused; behind that nobody hears the answer.
                if (result != DataAccessResult::success && operation == 0) {
                    ASSERT_EQ(told, old);
                }
                bench.flash.restore_power();
                bench.power_up();
                const Octets found = bench.read(kUtilitySap, descriptor);
                if (result == DataAccessResult::success) {
                    ASSERT_EQ(found, told) << "acknowledged, and cut at operation " << operation;
                } else if (found != old) {
                    Bench whole;
                    ASSERT_EQ(whole.write(kUtilitySap, descriptor, *value), DataAccessResult::success);
                    ASSERT_EQ(found, whole.read(kUtilitySap, descriptor)) << "half at operation " << operation;
                }
            }
        }
    }
    EXPECT_GT(cuts, 100U);
}

/// Parameters of the methods that there are: a number, a script, a name with something, times, sizes, an element.
std::vector<Octets> usual_parameters() {
    std::vector<Octets> all;
    for (const std::string_view hex :
         {"0F00", "120001", "1600", "0202090600000A006AFF120001", "020209084142434445464748060000008A",
          "02020600000000090141",
          "0203090C07EA010FFF0A000000800000090C07EA010FFF09000000800000090C07EA010FFF0B000000800000", "02021105090141",
          "0101020216000908 4142434445464748", "01010202160009184142434445464748414243444546474841424344454647 48",
          "0204120003110009060100010800FF02020100 0100"}) {
        std::string digits(hex);
        std::erase(digits, ' ');
        all.push_back(*from_hex(digits));
    }
    return all;
}

TEST(MethodProperties, WhatIsRefusedChangesNothing) {
    std::size_t refused = 0;
    for (const ObjectRow& row : object_table()) {
        for (std::size_t method = 1; method <= row.object_class->methods.size(); ++method) {
            if (!row.access->of(Level::utility).may_invoke(static_cast<int>(method))) continue;
            SCOPED_TRACE(name_of(row, static_cast<int>(method)));
            Bench bench;
            auto before = state_of(bench, row);
            for (const Octets& usual : usual_parameters()) {
                std::size_t number = 0;
                for (const Octets& parameters : testing::variants_of(usual)) {
                    if (++number % 16 != method % 16) continue;
                    const ActionResult result = bench.invoke(
                        kUtilitySap, {row.object_class->class_id, row.name, static_cast<std::int8_t>(method)},
                        parameters);
                    auto after = state_of(bench, row);
                    if (result == ActionResult::success) {
                        before = std::move(after);
                        continue;
                    }
                    ++refused;
                    ASSERT_NE(result, ActionResult::hardware_fault) << to_hex(parameters);
                    ASSERT_EQ(after, before) << to_hex(parameters);
                }
            }
        }
    }
    EXPECT_GT(refused, 1'500U);
}

/// What another program could have left under a key: shorter, longer, with other octets.
Octets other_contents(const Octets& stored, std::mt19937& random) {
    Octets other = stored;
    switch (random() % 6) {
        case 0:
            other.resize(random() % (stored.size() + 1));
            break;
        case 1:
            other.resize(stored.size() + 1 + random() % 8, static_cast<std::uint8_t>(random()));
            break;
        case 2:
            std::ranges::fill(other, static_cast<std::uint8_t>(random() % 2 == 0 ? 0x00 : 0xFF));
            break;
        default:
            for (std::size_t i = 0; i < 1 + random() % 3 && !other.empty(); ++i) {
                other[random() % other.size()] = static_cast<std::uint8_t>(random() % 3 == 0 ? 0xFF : random());
            }
    }
    return other;
}

TEST(StoredSettings, ThoseOfAnotherProgramLeaveAMeterThatWorks) {
    constexpr std::uint16_t kKeys = 512;
    for (std::uint32_t seed = 1; seed <= 25; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 random(seed);
        Bench bench;
        for (const auto& [row, attribute] : writable_attributes()) {
            const Octets value = bench.read(kUtilitySap, attribute_of(*row, attribute));
            if (bench.result == DataAccessResult::success) {
                (void)bench.write(kUtilitySap, attribute_of(*row, attribute), value);
            }
        }
        bench.run(5, 1000);
        ParameterStore store(bench.flash, kParameterRegion);
        ASSERT_TRUE(store.recover());
        std::size_t changed = 0;
        for (std::uint16_t key = 0; key < kKeys; ++key) {
            std::array<std::uint8_t, ParameterStore::kMaxValue> octets{};
            const auto size = store.read(key, octets);
            if (!size || random() % 2 != 0) continue;
            const Octets other =
                other_contents({octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(*size)}, random);
            if (store.write(key, other)) ++changed;
        }
        ASSERT_GT(changed, 10U);
        bench.power_up();
        bench.run(65, 1000);
        // Some settings are kept as they were sent, and shown so.
        for (const ObjectRow& row : object_table()) (void)state_of(bench, row, false);
        // Without last words the first five seconds are lost.
        EXPECT_EQ(bench.watthours(1), 65U * 1000 / 3600);
    }
}

}  // namespace
}  // namespace ferraris::meter
