/// How a model of meter departs from the standard, or from what most meters do, and what a client does about it.
/// A default one departs from nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/address.hpp"
#include "cli/date_time.hpp"
#include "dlms/client/configuration.hpp"
#include "dlms/hdlc/client.hpp"

namespace ferraris::cli {

struct Quirks {
    dlms::ClientQuirks protocol{};

    // Association.
    std::optional<std::size_t> challenge_size{};         ///< octets of an HLS challenge, 8 to 64
    std::optional<std::uint16_t> max_pdu_size{};         ///< client-max-receive-pdu-size
    std::vector<std::uint8_t> system_title{};            ///< of a meter that does not name itself; 8 octets or none
    std::optional<dlms::Protection> initiate{};          ///< of the InitiateRequest in AARQ and RLRQ
    dlms::Conformance without{dlms::Conformance::none};  ///< services that are not proposed
    bool keep_invoke_id{false};                          ///< every request has the same one
    bool general_envelopes{false};                       ///< general-glo and general-ded

    // Invocation counters.
    std::optional<dlms::LogicalName> counter_object{};
    std::uint32_t counter_at_least{0};  ///< the first one of all that the meter takes

    // HDLC.
    std::uint8_t address_size{0};  ///< octets of the server address; 0: the shortest
    std::optional<dlms::hdlc::LengthWidth> length_width{};
    bool without_parameters{false};  ///< SNRM without information field
    std::optional<std::uint16_t> max_information{};
    std::optional<std::uint8_t> window{};

    // General block transfer.
    bool general_blocks{false};
    std::optional<std::uint8_t> block_window{};

    TimeForm time{};
};

/// Each changes what the quirks name and leaves the rest alone. The configuration views the quirks, which outlive it.
void apply(const Quirks& quirks, dlms::ClientConfiguration& configuration);
void apply(const Quirks& quirks, dlms::HdlcClientConfig& config);
/// What the user says about the width of the address goes first.
void apply(const Quirks& quirks, Address& address);

}  // namespace ferraris::cli
