/// Certificates and requests for them, in DER, as any client may send them (import_certificate).
#include "dlms/security/certificate.hpp"

#include <cstdlib>
#include <memory>

#include "crypto/openssl.hpp"

using namespace ferraris;

namespace {

bool is_inside(ByteView part, ByteView whole) {
    return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

std::size_t key_size(Curve curve) { return curve == Curve::p256 ? 64 : 96; }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    const ByteView octets(data, size);
    if (const auto certificate = dlms::parse_certificate(octets)) {
        for (const ByteView part :
             {certificate->encoded, certificate->to_be_signed, certificate->serial_number, certificate->issuer,
              certificate->subject, certificate->public_key, certificate->signature}) {
            if (!is_inside(part, octets)) std::abort();
        }
        if (size > dlms::kMaxCertificateSize || certificate->public_key.size() != key_size(certificate->curve)) {
            std::abort();
        }
        (void)dlms::verify_certificate(*crypto, *certificate, *certificate, certificate->not_before);
    }
    if (const auto request = dlms::parse_certificate_request(*crypto, octets)) {
        if (!is_inside(request->subject, octets) || !is_inside(request->public_key, octets) ||
            request->public_key.size() != key_size(request->curve)) {
            std::abort();
        }
    }
    return 0;
}
