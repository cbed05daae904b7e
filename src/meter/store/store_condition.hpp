/// What a store holds before it is recovered, only looked at: recovery mends what it can and tells nobody.
#pragma once

#include <cstdint>

namespace ferraris::meter {

struct StoreCondition {
    std::uint32_t records{0};  ///< that can be read
    /// What cannot be, and is passed over: records, and sectors or banks of which not even the head is known. A cut of
    /// power leaves one where it interrupted a write.
    std::uint32_t damaged{0};

    StoreCondition& operator+=(const StoreCondition& other) {
        records += other.records;
        damaged += other.damaged;
        return *this;
    }
    friend bool operator==(const StoreCondition&, const StoreCondition&) = default;
};

}  // namespace ferraris::meter
