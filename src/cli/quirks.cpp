#include "cli/quirks.hpp"

#include <algorithm>

namespace ferraris::cli {

void apply(const Quirks& quirks, dlms::ClientConfiguration& configuration) {
    configuration.quirks = quirks.protocol;
    if (quirks.challenge_size) configuration.challenge_size = *quirks.challenge_size;
    if (quirks.max_pdu_size) configuration.max_receive_pdu_size = *quirks.max_pdu_size;
    if (!quirks.system_title.empty()) configuration.server_system_title = quirks.system_title;
    if (quirks.initiate) configuration.initiate_protection = *quirks.initiate;
    if (quirks.block_window) configuration.block_window = *quirks.block_window;
    configuration.invoke_id_rotates = !quirks.keep_invoke_id;
    configuration.use_general_envelopes = quirks.general_envelopes;
    const auto proposed = static_cast<std::uint32_t>(configuration.conformance);
    configuration.conformance = static_cast<dlms::Conformance>(proposed & ~static_cast<std::uint32_t>(quirks.without));
}

void apply(const Quirks& quirks, dlms::HdlcClientConfig& config) {
    if (quirks.length_width) config.length_width = *quirks.length_width;
    config.propose_parameters = !quirks.without_parameters;
    dlms::hdlc::LinkParameters& parameters = config.parameters;
    if (quirks.max_information) {
        parameters.max_information_transmit = *quirks.max_information;
        parameters.max_information_receive = *quirks.max_information;
    }
    if (quirks.window) {
        parameters.window_transmit = std::min(parameters.window_transmit, *quirks.window);
        parameters.window_receive = *quirks.window;
    }
}

void apply(const Quirks& quirks, Address& address) {
    if (address.hdlc() && address.address_size == 0) address.address_size = quirks.address_size;
}

}  // namespace ferraris::cli
