#include "cli/key_material.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/private_file.hpp"
#include "crypto/key_encoding.hpp"
#include "crypto/openssl.hpp"
#include "dlms/security/certificate.hpp"
#include "dlms/security/key_derivation.hpp"

namespace ferraris::cli {
namespace {

using dlms::Certificate;
using dlms::CertificateError;
using dlms::KeyUse;

ByteView octets_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

const char* explain_certificate(CertificateError error) {
    switch (error) {
        case CertificateError::wrong_issuer:
        case CertificateError::bad_signature:
            return "the trust anchor did not issue it";
        case CertificateError::issuer_not_entitled:
            return "the trust anchor may not issue certificates";
        case CertificateError::not_yet_valid:
            return "its time has not begun";
        case CertificateError::expired:
            return "its time is over";
        default:
            return "it is no certificate that DLMS knows";
    }
}

/// A certificate beside a key: both are for the same use.
struct Pairing {
    const char* entry;
    Octets ClientSecrets::*certificate;
    KeyUse use;
    Octets ClientSecrets::*private_key;  ///< that it belongs to; null for a certificate of the meter
    Octets ClientSecrets::*public_key;   ///< that it gives; null for an own one
};
constexpr Pairing kPairings[] = {
    {"signing_certificate", &ClientSecrets::signing_certificate, KeyUse::digital_signature, &ClientSecrets::signing_key,
     nullptr},
    {"agreement_certificate", &ClientSecrets::agreement_certificate, KeyUse::key_agreement,
     &ClientSecrets::agreement_key, nullptr},
    {"meter_signing_certificate", &ClientSecrets::meter_signing_certificate, KeyUse::digital_signature, nullptr,
     &ClientSecrets::meter_signing_key},
    {"meter_agreement_certificate", &ClientSecrets::meter_agreement_certificate, KeyUse::key_agreement, nullptr,
     &ClientSecrets::meter_agreement_key},
};

class Checker {
public:
    explicit Checker(KeyFile& keys) : keys_(keys), crypto_(make_openssl_crypto()) {}

    void check() {
        if (!keys_.trust_anchor.empty()) {
            const auto anchor = dlms::parse_certificate(keys_.trust_anchor);
            if (!anchor || !anchor->authority) {
                refuse("trust_anchor", "it is no certificate of an authority (basic constraints with CA:TRUE)");
            }
        }
        for (auto& [sap, client] : keys_.clients) {
            const std::string table = fmt::format("client.{}", sap);
            check_suite(client, table);
            check_certificates(client, table, keys_.system_title, std::nullopt);
        }
        for (auto& [title, meter] : keys_.meters) {
            check_certificates(meter, fmt::format("meter.{}", to_hex(title)), keys_.system_title, title);
        }
        if (keys_.virtual_meter) check_certificates(*keys_.virtual_meter, "virtual_meter", std::nullopt, std::nullopt);
    }

private:
    [[noreturn]] void refuse(std::string_view entry, std::string_view why) const {
        throw CliError(fmt::format("key file {}, {}: {}", keys_.path.string(), entry, why));
    }

    /// Keys that the suite has not, said before anything is tried with them.
    void check_suite(const ClientSecrets& secrets, const std::string& table) const {
        if (!secrets.suite && secrets.unicast_key.empty()) return;
        const std::uint8_t suite = secrets.suite_or_default();
        const std::size_t size = dlms::key_size_of_suite(suite);
        const auto expect = [&](const char* name, const Octets& key, std::size_t wanted) {
            if (key.empty() || key.size() == wanted) return;
            refuse(fmt::format("[{}] {}", table, name),
                   fmt::format("it has {} octets, suite {} has {}; correct it, or suite", key.size(), suite, wanted));
        };
        expect("unicast_key", secrets.unicast_key, size);
        expect("authentication_key", secrets.authentication_key, size);
        expect("broadcast_key", secrets.broadcast_key, size);
        expect("master_key", secrets.master_key, size);
        const auto curve = dlms::curve_of_suite(suite);
        if (!curve) return;
        expect("signing_key", secrets.signing_key, private_key_size(*curve));
        expect("agreement_key", secrets.agreement_key, private_key_size(*curve));
        expect("meter_signing_key", secrets.meter_signing_key, public_key_size(*curve));
        expect("meter_agreement_key", secrets.meter_agreement_key, public_key_size(*curve));
    }

    /// `own` and `meter`: the system titles that certificates must carry, where they are known.
    void check_certificates(ClientSecrets& secrets, const std::string& table, const std::optional<SystemTitle>& own,
                            const std::optional<SystemTitle>& meter) {
        for (const Pairing& pairing : kPairings) {
            const Octets& encoded = secrets.*pairing.certificate;
            if (encoded.empty()) continue;
            const std::string entry = fmt::format("[{}] {}", table, pairing.entry);
            const Certificate certificate = verified(encoded, entry);
            if (certificate.use() != pairing.use || certificate.authority) {
                refuse(entry, pairing.use == KeyUse::digital_signature ? "its key usage is not digitalSignature alone"
                                                                       : "its key usage is not keyAgreement alone");
            }
            if (!certificate.system_title) refuse(entry, "its common name is no system title of 16 hexadecimal digits");
            const auto& title = pairing.private_key != nullptr ? own : meter;
            if (title && *certificate.system_title != *title) refuse(entry, "it carries another system title");
            if (pairing.private_key != nullptr) {
                check_pair(secrets.*pairing.private_key, certificate, entry);
            } else {
                take_public_key(secrets.*pairing.public_key, certificate, entry);
                if (secrets.meter_title && secrets.meter_title != certificate.system_title) {
                    refuse(entry, "it carries another system title than the meter's other certificate");
                }
                secrets.meter_title = certificate.system_title;
            }
        }
    }

    [[nodiscard]] Certificate verified(const Octets& encoded, const std::string& entry) {
        if (keys_.trust_anchor.empty()) refuse(entry, "nobody vouches for it; add trust_anchor = \"FILE\" at the top");
        const auto certificate = dlms::parse_certificate(encoded);
        if (!certificate) refuse(entry, explain_certificate(certificate.error()));
        const auto anchor = dlms::parse_certificate(keys_.trust_anchor);
        const auto now = UtcTime::from_seconds(std::time(nullptr));
        const auto good = dlms::verify_certificate(*crypto_, *certificate, *anchor, now);
        if (!good) refuse(entry, explain_certificate(good.error()));
        return *certificate;
    }

    void check_pair(const Octets& private_key, const Certificate& certificate, const std::string& entry) {
        if (private_key.empty()) refuse(entry, "the private key that belongs to it is missing");
        Octets own(public_key_size(certificate.curve));
        if (private_key.size() != private_key_size(certificate.curve) ||
            !crypto_->public_key_of(certificate.curve, private_key, own) || !equal(own, certificate.public_key)) {
            refuse(entry, "it belongs to another private key than the one beside it");
        }
    }

    void take_public_key(Octets& key, const Certificate& certificate, const std::string& entry) const {
        if (!key.empty() && !equal(key, certificate.public_key)) {
            refuse(entry, "its key is another than the one in hexadecimal digits; leave one of them out");
        }
        key.assign(certificate.public_key.begin(), certificate.public_key.end());
    }

    KeyFile& keys_;
    std::unique_ptr<Crypto> crypto_;
};

}  // namespace

Octets read_private_key(const std::filesystem::path& path) {
    std::string text = read_private_file(path, "private key", "check its path");
    auto key = decode_private_key(octets_of(text));
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    if (!key) {
        throw CliError(
            fmt::format("{} is no private key on P-256 or P-384 without a passphrase, in PEM or DER", path.string()));
    }
    return std::move(key->scalar);
}

Octets read_certificate(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw CliError(fmt::format("the certificate {} cannot be opened; check its path", path.string()));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto der = decode_pem_or_der(kCertificateLabel, octets_of(text));
    if (!der) throw CliError(fmt::format("{} holds no certificate in PEM or DER", path.string()));
    return std::move(*der);
}

void check_key_material(KeyFile& keys) { Checker(keys).check(); }

}  // namespace ferraris::cli
