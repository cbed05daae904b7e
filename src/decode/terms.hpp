/// Numbers and their names in the standard (IEC 62056-5-3, annex A, and IEC 62056-6-2), as tables.
#pragma once

#include <span>

#include "decode/walker.hpp"

namespace ferraris::decode {

extern const std::span<const Term> kDataAccessResults;
extern const std::span<const Term> kActionResults;
extern const std::span<const Term> kAssociationResults;
extern const std::span<const Term> kServiceUserDiagnostics;
extern const std::span<const Term> kServiceProviderDiagnostics;
extern const std::span<const Term> kReleaseRequestReasons;
extern const std::span<const Term> kReleaseResponseReasons;
extern const std::span<const Term> kStateErrors;
extern const std::span<const Term> kServiceErrors;
extern const std::span<const Term> kConfirmedServices;
extern const std::span<const Term> kServiceErrorGroups;
/// The codes within a group of `kServiceErrorGroups`; empty for a group without a table.
[[nodiscard]] std::span<const Term> service_error_codes(std::uint8_t group);
/// Bits of the conformance block by their number in the standard: 0 is the most significant of 24.
extern const std::span<const Term> kConformanceBits;
/// Tags of APDUs, ciphered ones included.
extern const std::span<const Term> kApduTags;
/// Object identifiers 2.16.756.5.8.x.y: the last two arcs as (x << 8) | y.
extern const std::span<const Term> kObjectIdentifiers;

}  // namespace ferraris::decode
