#include "meter/ports/port_setups.hpp"

namespace ferraris::meter {

void PortSetups::recover(const ParameterStore& store) {
    for (std::size_t port = 0; port < hdlc.size(); ++port) hdlc[port].recover(store, static_cast<Port>(port));
    for (std::size_t port = 0; port < local.size(); ++port) local[port].recover(store, static_cast<Port>(port));
}

bool PortSetups::store_hdlc(ParameterStore& store, Port port, const HdlcSetup& setup) {
    if (!setup.write(store, port)) return false;
    hdlc[static_cast<std::size_t>(port)] = setup;
    return true;
}

bool PortSetups::store_local(ParameterStore& store, Port port, const LocalPortSetup& setup) {
    if (!setup.write(store, port)) return false;
    local[static_cast<std::size_t>(port)] = setup;
    return true;
}

}  // namespace ferraris::meter
