/// The keys with which the meter protects something for another party, or opens what that party protected.
#pragma once

#include "dlms/security/general.hpp"
#include "dlms/server/logical_device.hpp"
#include "meter/instrument.hpp"

namespace ferraris::meter {

class PartyKeys {
public:
    /// Symmetric keys of `client`. Those of curves cost a look at the flash: only `with_curves`; the public ones are
    /// of whoever `peer_title` names, by certificate. What is missing is empty. `peer_title` outlives this.
    PartyKeys(const Instrument& meter, std::size_t client, ByteView peer_title, bool with_curves);
    PartyKeys(const PartyKeys&) = delete;
    PartyKeys& operator=(const PartyKeys&) = delete;

    [[nodiscard]] const dlms::GeneralKeys& view() const { return keys_; }

private:
    dlms::GeneralKeys keys_{};
    std::optional<dlms::PrivateKey> own_signing_{};
    std::optional<dlms::PrivateKey> own_agreement_{};
    std::optional<dlms::PublicKey> peer_signing_{};
    std::optional<dlms::PublicKey> peer_agreement_{};
};

}  // namespace ferraris::meter
