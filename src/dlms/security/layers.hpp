/// The layers of protection around an APDU, as both sessions peel them off and put them on: one that ciphers and one
/// that signs at most, in either order (IEC 62056-5-3, 5.3.7). Octets in, octets out.
///
///     general-ciphering | general-signing | GET-Request        signed first, then ciphered
#pragma once

#include "dlms/security/ciphering.hpp"
#include "dlms/security/general.hpp"

namespace ferraris::dlms {

/// One layer: how it came in, or is to go out.
struct ProtectionLayer {
    enum class Kind : std::uint8_t { envelope, general_ciphering, general_signing };
    Kind kind{Kind::envelope};
    Envelope envelope{Envelope::service_specific_global};  ///< of an envelope
    KeyChoice key{KeyChoice::known};                       ///< of general-ciphering
    Protection protection{};
    /// Of general-ciphering and general-signing: the answer repeats it.
    FixedVector<std::uint8_t, kMaxTransactionId> transaction_id{};

    /// A layer that ciphers takes a counter.
    [[nodiscard]] bool ciphers() const { return kind != Kind::general_signing; }
    [[nodiscard]] KeySet key_set() const {
        return kind == Kind::envelope && is_dedicated(envelope) ? KeySet::dedicated : KeySet::global_unicast;
    }
};

/// The outermost first.
using ProtectionLayers = FixedVector<ProtectionLayer, 2>;

/// True for every tag that `open_layer` opens.
[[nodiscard]] bool is_protected(std::uint8_t tag);

struct OpenedLayer {
    ProtectionLayer layer{};
    KeySet key_set{KeySet::global_unicast};
    std::uint32_t invocation_counter{0};  ///< of a layer that ciphers
    ByteSpan inside{};
};

/// Takes off the outermost layer of `apdu`, in place. Only `suite` is accepted, whatever the APDU says. Errors: as of
/// unprotect, open_general_ciphering and open_general_signing; wrong_suite.
[[nodiscard]] Result<OpenedLayer, SecurityError> open_layer(Crypto& crypto, std::uint8_t suite, const GeneralKeys& keys,
                                                            ByteSpan apdu);

/// The most octets that `layers` add to an APDU of `length` octets.
[[nodiscard]] std::size_t overhead_of(const ProtectionLayers& layers, std::uint8_t suite, std::size_t length);

/// Puts a layer around the APDU of `length` octets that stands in `buffer` from `offset` on; it is moved where there is
/// too little room. The answer is a view into `buffer`.
[[nodiscard]] Result<ByteView, SecurityError> seal_layer(Crypto& crypto, std::uint8_t suite,
                                                         const ProtectionLayer& layer, std::uint32_t invocation_counter,
                                                         const GeneralKeys& keys, ByteSpan buffer, std::size_t offset,
                                                         std::size_t length);

/// Adds what is missing so that `layers` give `wanted`: a signature innermost, ciphering outermost. An envelope of a
/// service can hold no signed APDU: it becomes the general one.
void complete_layers(ProtectionLayers& layers, Protection wanted, ByteView transaction_id);

}  // namespace ferraris::dlms
