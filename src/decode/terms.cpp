#include "decode/terms.hpp"

namespace ferraris::decode {
namespace {

constexpr Term kDataAccessResultsRows[] = {
    {0, "success"},
    {1, "hardware-fault"},
    {2, "temporary-failure"},
    {3, "read-write-denied"},
    {4, "object-undefined"},
    {9, "object-class-inconsistent"},
    {11, "object-unavailable"},
    {12, "type-unmatched"},
    {13, "scope-of-access-violated"},
    {14, "data-block-unavailable"},
    {15, "long-get-aborted"},
    {16, "no-long-get-in-progress"},
    {17, "long-set-aborted"},
    {18, "no-long-set-in-progress"},
    {19, "data-block-number-invalid"},
    {250, "other-reason"},
};

constexpr Term kActionResultsRows[] = {
    {0, "success"},
    {1, "hardware-fault"},
    {2, "temporary-failure"},
    {3, "read-write-denied"},
    {4, "object-undefined"},
    {9, "object-class-inconsistent"},
    {11, "object-unavailable"},
    {12, "type-unmatched"},
    {13, "scope-of-access-violated"},
    {14, "data-block-unavailable"},
    {15, "long-action-aborted"},
    {16, "no-long-action-in-progress"},
    {250, "other-reason"},
};

constexpr Term kAssociationResultsRows[] = {
    {0, "accepted"},
    {1, "rejected-permanent"},
    {2, "rejected-transient"},
};

constexpr Term kServiceUserDiagnosticsRows[] = {
    {0, "null"},
    {1, "no-reason-given"},
    {2, "application-context-name-not-supported"},
    {3, "calling-AP-title-not-recognized"},
    {4, "calling-AP-invocation-identifier-not-recognized"},
    {5, "calling-AE-qualifier-not-recognized"},
    {6, "calling-AE-invocation-identifier-not-recognized"},
    {7, "called-AP-title-not-recognized"},
    {8, "called-AP-invocation-identifier-not-recognized"},
    {9, "called-AE-qualifier-not-recognized"},
    {10, "called-AE-invocation-identifier-not-recognized"},
    {11, "authentication-mechanism-name-not-recognised"},
    {12, "authentication-mechanism-name-required"},
    {13, "authentication-failure"},
    {14, "authentication-required"},
};

constexpr Term kServiceProviderDiagnosticsRows[] = {
    {0, "null"},
    {1, "no-reason-given"},
    {2, "no-common-acse-version"},
};

constexpr Term kReleaseRequestReasonsRows[] = {
    {0, "normal"},
    {1, "urgent"},
    {30, "user-defined"},
};

constexpr Term kReleaseResponseReasonsRows[] = {
    {0, "normal"},
    {1, "not-finished"},
    {30, "user-defined"},
};

constexpr Term kStateErrorsRows[] = {
    {1, "service-not-allowed"},
    {2, "service-unknown"},
};

constexpr Term kServiceErrorsRows[] = {
    {1, "operation-not-possible"}, {2, "service-not-supported"}, {3, "other-reason"},
    {4, "pdu-too-long"},           {5, "deciphering-error"},     {6, "invocation-counter-error"},
};

constexpr Term kConfirmedServicesRows[] = {
    {1, "initiateError"},
    {5, "read"},
    {6, "write"},
};

constexpr Term kServiceErrorGroupsRows[] = {
    {0, "application-reference"},
    {1, "hardware-resource"},
    {2, "vde-state-error"},
    {3, "service"},
    {4, "definition"},
    {5, "access"},
    {6, "initiate"},
    {7, "load-data-set"},
    {9, "task"},
};

constexpr Term kApplicationReferenceCodes[] = {
    {0, "other"},
    {1, "time-elapsed"},
    {2, "application-unreachable"},
    {3, "application-reference-invalid"},
    {4, "application-context-unsupported"},
    {5, "provider-communication-error"},
    {6, "deciphering-error"},
};

constexpr Term kHardwareResourceCodes[] = {
    {0, "other"},
    {1, "memory-unavailable"},
    {2, "processor-unavailable"},
    {3, "mass-storage-unavailable"},
    {4, "other-resource-unavailable"},
};

constexpr Term kVdeStateCodes[] = {
    {0, "other"}, {1, "no-dlms-context"}, {2, "loading-data-set"}, {3, "status-nochange"}, {4, "status-inoperable"},
};

constexpr Term kServiceCodes[] = {
    {0, "other"},
    {1, "pdu-size"},
    {2, "service-unsupported"},
};

constexpr Term kDefinitionCodes[] = {
    {0, "other"},
    {1, "object-undefined"},
    {2, "object-class-inconsistent"},
    {3, "object-attribute-inconsistent"},
};

constexpr Term kAccessCodes[] = {
    {0, "other"},          {1, "scope-of-access-violated"}, {2, "object-access-violated"},
    {3, "hardware-fault"}, {4, "object-unavailable"},
};

constexpr Term kInitiateCodes[] = {
    {0, "other"},
    {1, "dlms-version-too-low"},
    {2, "incompatible-conformance"},
    {3, "pdu-size-too-short"},
    {4, "refused-by-the-VDE-Handler"},
};

constexpr Term kConformanceBitsRows[] = {
    {0, "reserved-zero"},
    {1, "general-protection"},
    {2, "general-block-transfer"},
    {3, "read"},
    {4, "write"},
    {5, "unconfirmed-write"},
    {6, "delta-value-encoding"},
    {7, "reserved-seven"},
    {8, "attribute0-supported-with-set"},
    {9, "priority-mgmt-supported"},
    {10, "attribute0-supported-with-get"},
    {11, "block-transfer-with-get-or-read"},
    {12, "block-transfer-with-set-or-write"},
    {13, "block-transfer-with-action"},
    {14, "multiple-references"},
    {15, "information-report"},
    {16, "data-notification"},
    {17, "access"},
    {18, "parameterized-access"},
    {19, "get"},
    {20, "set"},
    {21, "selective-access"},
    {22, "event-notification"},
    {23, "action"},
};

constexpr Term kApduTagsRows[] = {
    {0x01, "initiateRequest"},
    {0x05, "readRequest"},
    {0x06, "writeRequest"},
    {0x08, "initiateResponse"},
    {0x0C, "readResponse"},
    {0x0D, "writeResponse"},
    {0x0E, "confirmedServiceError"},
    {0x0F, "data-notification"},
    {0x10, "data-notification-confirm"},
    {0x16, "unconfirmedWriteRequest"},
    {0x18, "informationReportRequest"},
    {0x21, "glo-initiateRequest"},
    {0x25, "glo-readRequest"},
    {0x26, "glo-writeRequest"},
    {0x28, "glo-initiateResponse"},
    {0x2C, "glo-readResponse"},
    {0x2D, "glo-writeResponse"},
    {0x2E, "glo-confirmedServiceError"},
    {0x36, "glo-unconfirmedWriteRequest"},
    {0x38, "glo-informationReportRequest"},
    {0x41, "ded-initiateRequest"},
    {0x45, "ded-readRequest"},
    {0x46, "ded-writeRequest"},
    {0x48, "ded-initiateResponse"},
    {0x4C, "ded-readResponse"},
    {0x4D, "ded-writeResponse"},
    {0x4E, "ded-confirmedServiceError"},
    {0x56, "ded-unconfirmedWriteRequest"},
    {0x58, "ded-informationReportRequest"},
    {0x60, "AARQ"},
    {0x61, "AARE"},
    {0x62, "RLRQ"},
    {0x63, "RLRE"},
    {0xC0, "get-request"},
    {0xC1, "set-request"},
    {0xC2, "event-notification-request"},
    {0xC3, "action-request"},
    {0xC4, "get-response"},
    {0xC5, "set-response"},
    {0xC7, "action-response"},
    {0xC8, "glo-get-request"},
    {0xC9, "glo-set-request"},
    {0xCA, "glo-event-notification-request"},
    {0xCB, "glo-action-request"},
    {0xCC, "glo-get-response"},
    {0xCD, "glo-set-response"},
    {0xCF, "glo-action-response"},
    {0xD0, "ded-get-request"},
    {0xD1, "ded-set-request"},
    {0xD2, "ded-event-notification-request"},
    {0xD3, "ded-action-request"},
    {0xD4, "ded-get-response"},
    {0xD5, "ded-set-response"},
    {0xD7, "ded-action-response"},
    {0xD8, "exception-response"},
    {0xD9, "access-request"},
    {0xDA, "access-response"},
    {0xDB, "general-glo-ciphering"},
    {0xDC, "general-ded-ciphering"},
    {0xDD, "general-ciphering"},
    {0xDF, "general-signing"},
    {0xE0, "general-block-transfer"},
    {0xE6, "gateway-request"},
    {0xE7, "gateway-response"},
};

constexpr Term kObjectIdentifiersRows[] = {
    {0x101, "logical name referencing, no ciphering"},
    {0x102, "short name referencing, no ciphering"},
    {0x103, "logical name referencing, with ciphering"},
    {0x104, "short name referencing, with ciphering"},
    {0x200, "lowest level security"},
    {0x201, "low level security: a password"},
    {0x202, "high level security, manufacturer specific"},
    {0x203, "high level security, MD5"},
    {0x204, "high level security, SHA-1"},
    {0x205, "high level security, GMAC"},
    {0x206, "high level security, SHA-256"},
    {0x207, "high level security, ECDSA"},
    {0x300, "AES-GCM-128"},
    {0x301, "AES-GCM-256"},
    {0x302, "AES-WRAP-128"},
    {0x303, "AES-WRAP-256"},
};

}  // namespace

const std::span<const Term> kDataAccessResults{kDataAccessResultsRows};
const std::span<const Term> kActionResults{kActionResultsRows};
const std::span<const Term> kAssociationResults{kAssociationResultsRows};
const std::span<const Term> kServiceUserDiagnostics{kServiceUserDiagnosticsRows};
const std::span<const Term> kServiceProviderDiagnostics{kServiceProviderDiagnosticsRows};
const std::span<const Term> kReleaseRequestReasons{kReleaseRequestReasonsRows};
const std::span<const Term> kReleaseResponseReasons{kReleaseResponseReasonsRows};
const std::span<const Term> kStateErrors{kStateErrorsRows};
const std::span<const Term> kServiceErrors{kServiceErrorsRows};
const std::span<const Term> kConfirmedServices{kConfirmedServicesRows};
const std::span<const Term> kServiceErrorGroups{kServiceErrorGroupsRows};
const std::span<const Term> kConformanceBits{kConformanceBitsRows};
const std::span<const Term> kApduTags{kApduTagsRows};
const std::span<const Term> kObjectIdentifiers{kObjectIdentifiersRows};

std::span<const Term> service_error_codes(std::uint8_t group) {
    switch (group) {
        case 0:
            return kApplicationReferenceCodes;
        case 1:
            return kHardwareResourceCodes;
        case 2:
            return kVdeStateCodes;
        case 3:
            return kServiceCodes;
        case 4:
            return kDefinitionCodes;
        case 5:
            return kAccessCodes;
        case 6:
            return kInitiateCodes;
        default:
            return {};
    }
}

}  // namespace ferraris::decode
