/// Certificates in flash: those of authorities that are trusted, of clients, and of the meter itself. In memory is none
/// of them: they are read when they are needed.
#pragma once

#include "dlms/security/certificate.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Who a certificate speaks for. The numbers are those of class 64, `certificate_entity` (IEC 62056-6-2).
enum class CertificateEntity : std::uint8_t { server = 0, client = 1, authority = 2, other = 3 };

class CertificateStore {
public:
    static constexpr std::size_t kSlots = 12;
    using Octets = FixedVector<std::uint8_t, dlms::kMaxCertificateSize>;

    CertificateStore(board::Flash& flash, FlashRegion region) : store_(flash, region) {}

    /// False: the flash does not answer.
    [[nodiscard]] bool recover() { return store_.recover(); }
    /// False: the slot is empty.
    [[nodiscard]] bool read(std::size_t slot, Octets& certificate) const;
    /// Durable when true. Empty: the slot is free again.
    [[nodiscard]] bool write(std::size_t slot, ByteView certificate);
    [[nodiscard]] std::optional<std::size_t> free_slot() const;

    /// The first slot whose certificate `fits`, which stays in `memory`.
    template <class Fits>
    [[nodiscard]] std::optional<std::size_t> find(Octets& memory, dlms::Certificate& certificate, Fits&& fits) const {
        for (std::size_t slot = 0; slot < kSlots; ++slot) {
            if (!read(slot, memory)) continue;
            const auto parsed = dlms::parse_certificate(memory.view());
            if (!parsed) continue;
            certificate = *parsed;
            if (fits(certificate)) return slot;
        }
        return std::nullopt;
    }

private:
    ParameterStore store_;
};

}  // namespace ferraris::meter
