#include "meter/security/certificate_store.hpp"

namespace ferraris::meter {

bool CertificateStore::read(std::size_t slot, Octets& certificate) const {
    if (!certificate.resize(Octets::capacity())) return false;
    const auto size = store_.read(static_cast<std::uint16_t>(slot), certificate.view());
    return certificate.resize(size.value_or(0)) && !certificate.empty();
}

bool CertificateStore::write(std::size_t slot, ByteView certificate) {
    return slot < kSlots && certificate.size() <= Octets::capacity() &&
           store_.write(static_cast<std::uint16_t>(slot), certificate);
}

std::optional<std::size_t> CertificateStore::free_slot() const {
    Octets memory;
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
        if (!read(slot, memory)) return slot;
    }
    return std::nullopt;
}

}  // namespace ferraris::meter
