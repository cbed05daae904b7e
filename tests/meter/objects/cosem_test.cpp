// The COSEM cases of the public DLMS UA conformance plan, COSEM_X_Y: each attribute Y of each object of class X, in
// each association, by what its own object list says. What is readable has the type of the class, what is not is
// refused, and what is writable takes back what was read.
#include <map>

#include "base/hex.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::DataTag;
using dlms::obis;
using testing::Bench;

/// Types of the attributes from 2 on, by class (IEC 62056-6-2); any simple type where the class leaves the choice.
using Types = std::vector<DataTag>;
const Types kAny{};
const Types kArray{DataTag::array, DataTag::compact_array};
const Types kStructure{DataTag::structure};
const Types kOctets{DataTag::octet_string};
const Types kDateTime{DataTag::octet_string, DataTag::date_time};
const Types kName{DataTag::structure, DataTag::octet_string};
const Types kEnum{DataTag::enum_};
const Types kUnsigned{DataTag::unsigned_};
const Types kLongUnsigned{DataTag::long_unsigned};
const Types kDoubleLongUnsigned{DataTag::double_long_unsigned};

const std::map<std::uint16_t, std::vector<Types>> kClasses{
    {1, {kAny}},
    {3, {kAny, kStructure}},
    {4, {kAny, kStructure, kAny, kDateTime}},
    {5, {kAny, kAny, kStructure, kAny, kDateTime, kDateTime, kDoubleLongUnsigned, kLongUnsigned}},
    {6, {kArray, kArray, kOctets}},
    {7, {kArray, kArray, kDoubleLongUnsigned, kEnum, kStructure, kDoubleLongUnsigned, kDoubleLongUnsigned}},
    {8, {kDateTime, {DataTag::long_}, kUnsigned, kDateTime, kDateTime, {DataTag::integer}, {DataTag::boolean}, kEnum}},
    {9, {kArray}},
    {11, {kArray}},
    {15, {kArray, kStructure, kName, kStructure, kName, kOctets, kEnum, kOctets, kArray, kStructure}},
    {17, {kArray}},
    {18, {kDoubleLongUnsigned, {DataTag::bit_string}, kDoubleLongUnsigned, {DataTag::boolean}, kEnum, kArray}},
    {20, {kOctets, kArray, kArray, kArray, kOctets, kArray, kArray, kArray, kDateTime}},
    {22, {kStructure, kEnum, kArray}},
    {19, {kEnum, kEnum, kEnum, kEnum, kOctets}},
    {23, {kEnum, kUnsigned, kUnsigned, kLongUnsigned, kLongUnsigned, kLongUnsigned, kLongUnsigned, kLongUnsigned}},
    {30, {kOctets, kArray, kArray, kArray, kEnum}},
    {40,
     {kArray,
      kStructure,
      kArray,
      kLongUnsigned,
      kUnsigned,
      {DataTag::structure, DataTag::long_unsigned},
      kOctets,
      {DataTag::integer},
      kArray,
      kEnum,
      kStructure,
      kDateTime}},
    {62, {kOctets, kArray, kUnsigned, kOctets, kEnum}},
    {64, {kEnum, kEnum, kOctets, kOctets, kArray}},
    {70, {{DataTag::boolean}, kEnum, kEnum}},
    {71,
     {kStructure,
      kDoubleLongUnsigned,
      kDoubleLongUnsigned,
      kDoubleLongUnsigned,
      kDoubleLongUnsigned,
      kDoubleLongUnsigned,
      kStructure,
      kArray,
      {DataTag::boolean},
      kStructure}},
    {124,
     {kEnum, kLongUnsigned, kDoubleLongUnsigned, kUnsigned, kDoubleLongUnsigned, kOctets, kEnum, kDoubleLongUnsigned,
      kDoubleLongUnsigned}},
};

struct ListedAttribute {
    dlms::AttributeDescriptor attribute;
    std::uint8_t mode{0};
};

/// All attributes of all objects that the association says it has.
std::vector<ListedAttribute> list_of(Bench& bench, std::uint16_t sap) {
    const auto list = bench.read(sap, {15, obis(0, 0, 40, 0, 0), 2});
    std::vector<ListedAttribute> listed;
    dlms::DataReader in(list);
    const std::size_t objects = in.array();
    for (std::size_t i = 0; i < objects; ++i) {
        EXPECT_EQ(in.structure(), 4U);
        const std::uint16_t class_id = in.long_unsigned();
        (void)in.unsigned_();
        const dlms::LogicalName name = in.logical_name();
        EXPECT_EQ(in.structure(), 2U);
        const std::size_t attributes = in.array();
        for (std::size_t k = 0; k < attributes; ++k) {
            EXPECT_EQ(in.structure(), 3U);
            const std::int8_t number = in.integer();
            listed.push_back({{class_id, name, number}, in.enum_()});
            EXPECT_TRUE(in.any().has_value());
        }
        EXPECT_TRUE(in.any().has_value());
    }
    EXPECT_TRUE(in.finished());
    return listed;
}

std::string text(const dlms::AttributeDescriptor& attribute) {
    return "COSEM_" + std::to_string(attribute.class_id) + "_" + std::to_string(attribute.attribute) + " of " +
           to_hex(attribute.instance.view());
}

bool has_type(const dlms::AttributeDescriptor& attribute, DataTag tag) {
    if (attribute.attribute == 1) return tag == DataTag::octet_string;
    const auto found = kClasses.find(attribute.class_id);
    if (found == kClasses.end()) return false;
    const auto index = static_cast<std::size_t>(attribute.attribute - 2);
    if (index >= found->second.size()) return false;
    const Types& types = found->second[index];
    return types.empty() || std::ranges::find(types, tag) != types.end();
}

class CosemConformance : public ::testing::TestWithParam<std::uint16_t> {};

TEST_P(CosemConformance, COSEM_X_Y) {
    Bench bench;
    bench.run(2000, 800);
    std::size_t read = 0;
    std::size_t written = 0;
    for (const auto& [attribute, mode] : list_of(bench, GetParam())) {
        SCOPED_TRACE(text(attribute));
        const bool readable = (mode & 0x01U) != 0;
        const bool writable = (mode & 0x02U) != 0;
        const auto value = bench.read(GetParam(), attribute);
        if (!readable) {
            EXPECT_EQ(bench.result, DataAccessResult::read_write_denied);
        } else {
            ASSERT_EQ(bench.result, DataAccessResult::success);
            dlms::DataReader in(value);
            const auto element = in.any();
            ASSERT_TRUE(element && in.finished());
            ++read;
            EXPECT_TRUE(has_type(attribute, element->tag)) << to_hex(value);
            if (attribute.attribute == 1) {
                EXPECT_TRUE(equal(element->content, attribute.instance.view()));
            }
        }
        // What is read from it is the meter's own message, which nobody may send back to it.
        const bool is_message = attribute.class_id == 30 && attribute.attribute == 2;
        if (!writable || is_message) {
            EXPECT_EQ(bench.write(GetParam(), attribute, value), DataAccessResult::read_write_denied);
        } else if (readable) {
            EXPECT_EQ(bench.write(GetParam(), attribute, value), DataAccessResult::success) << to_hex(value);
            EXPECT_EQ(bench.read(GetParam(), attribute), value);
            ++written;
        }
    }
    EXPECT_GT(read, 20U);
    EXPECT_EQ(written == 0, GetParam() == kPublicSap || GetParam() == kReaderSap) << written;
}

INSTANTIATE_TEST_SUITE_P(EveryAssociation, CosemConformance,
                         ::testing::Values(kPublicSap, kReaderSap, kTechnicianSap, kUtilitySap));

TEST(CosemObjects, MandatoryObjectsAreThereForEverybody) {
    Bench bench;
    for (const std::uint16_t sap : {kPublicSap, kReaderSap, kTechnicianSap, kUtilitySap}) {
        EXPECT_EQ(to_hex(bench.read(sap, {15, obis(0, 0, 40, 0, 0), 1})), "09060000280000FF");
        EXPECT_FALSE(bench.read(sap, {17, obis(0, 0, 41, 0, 0), 2}).empty());
        const auto name = bench.read(sap, {1, obis(0, 0, 42, 0, 0), 2});
        // octet-string(16) that begins with the letters of the manufacturer
        EXPECT_EQ(to_hex(name).substr(0, 10), "0910465253");
    }
}

}  // namespace
}  // namespace ferraris::meter
