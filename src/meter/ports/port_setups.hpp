/// The settings of all ports.
#pragma once

#include <array>

#include "meter/ports/hdlc_setup.hpp"
#include "meter/ports/local_port_setup.hpp"

namespace ferraris::meter {

struct PortSetups {
    std::array<HdlcSetup, kPortCount> hdlc{HdlcSetup::of(Port::optical), HdlcSetup::of(Port::rs485),
                                           HdlcSetup::of(Port::module)};
    std::array<LocalPortSetup, kLocalPortCount> local{LocalPortSetup::of(Port::optical),
                                                      LocalPortSetup::of(Port::rs485)};

    [[nodiscard]] const HdlcSetup& hdlc_of(Port port) const { return hdlc[static_cast<std::size_t>(port)]; }
    /// Not for the module port.
    [[nodiscard]] const LocalPortSetup& local_of(Port port) const { return local[static_cast<std::size_t>(port)]; }

    void recover(const ParameterStore& store);
    /// Durable when true; nothing changes when not.
    [[nodiscard]] bool store_hdlc(ParameterStore& store, Port port, const HdlcSetup& setup);
    [[nodiscard]] bool store_local(ParameterStore& store, Port port, const LocalPortSetup& setup);
};

}  // namespace ferraris::meter
