#include "cli/tou_parts.hpp"

#include <algorithm>

namespace ferraris::cli {
namespace {

/// Meters say the same in several ways: of a season's start only the date counts, of special days their order.
TouTable canonical(TouTable table) {
    for (meter::Season& season : table.calendar.seasons) {
        const dlms::Date date = season.start.date;
        season.start = {};
        season.start.date = date;
    }
    std::ranges::sort(table.special_days, {}, &meter::SpecialDay::index);
    std::uint16_t index = 0;
    for (meter::SpecialDay& entry : table.special_days) entry.index = ++index;
    return table;
}

}  // namespace

std::vector<std::uint8_t> encoded(const TouPart& part, const TouTable& table) {
    std::vector<std::uint8_t> octets(meter::kMostCalendarPartOctets);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    part.write(table, data);
    octets.resize(out.size());
    return octets;
}

std::vector<std::string> differences(const TouTable& wanted, const TouTable& found) {
    std::vector<std::string> different;
    const TouTable a = canonical(wanted);
    const TouTable b = canonical(found);
    for (const TouPart& part : kTouParts) {
        if (encoded(part, a) != encoded(part, b)) different.emplace_back(part.what);
    }
    return different;
}

}  // namespace ferraris::cli
