#include "cli/key_set.hpp"

#include <fmt/format.h>

#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "cli/error.hpp"
#include "cli/key_material.hpp"
#include "cli/private_file.hpp"
#include "crypto/key_encoding.hpp"
#include "dlms/security/certificate.hpp"
#include "dlms/security/key_derivation.hpp"
#include "mbus/telegram.hpp"
#include "meter/identity.hpp"
#include "meter/security/client_level.hpp"

namespace ferraris::cli {
namespace {

constexpr const char* kFolder = "certificates";
constexpr const char* kFirmwareKeyFile = "firmware.key";
constexpr UtcTime kNotBefore = utc_from_civil({2000, 1, 1, 0, 0, 0, 0});
constexpr UtcTime kNotAfter = utc_from_civil({2049, 12, 31, 23, 59, 59, 0});
constexpr std::string_view kAuthorityName = "Ferraris test authority";
constexpr std::size_t kSerialNumberSize = 16;

Octets random_octets(Crypto& crypto, std::size_t count) {
    Octets octets(count);
    if (!crypto.random(octets)) throw CliError("no random numbers from the system; keys cannot be made");
    return octets;
}

Octets random_password(Crypto& crypto) {
    constexpr std::string_view kLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    Octets password = random_octets(crypto, 16);
    for (std::uint8_t& octet : password) octet = static_cast<std::uint8_t>(kLetters[octet % kLetters.size()]);
    return password;
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw CliError(fmt::format("cannot make the folder {}: {}; name another file with --keys", folder.string(),
                                   error.message()));
    }
}

struct KeyPair {
    Octets private_key;
    Octets public_key;

    KeyPair(Crypto& crypto, Curve curve) : private_key(private_key_size(curve)), public_key(public_key_size(curve)) {
        if (!crypto.generate_key_pair(curve, private_key, public_key))
            throw CliError("the cryptographic library makes no key pairs");
    }
    KeyPair(const KeyPair&) = delete;
    KeyPair& operator=(const KeyPair&) = delete;
    ~KeyPair() { wipe(private_key); }
};

/// An authority and what it issues, each as two files.
class Authority {
public:
    Authority(Crypto& crypto, Curve curve, std::filesystem::path folder)
        : crypto_(crypto), curve_(curve), folder_(std::move(folder)), keys_(crypto, curve) {
        make_folder(folder_);
        dlms::CertificateContents contents;
        contents.common_name = {reinterpret_cast<const std::uint8_t*>(kAuthorityName.data()), kAuthorityName.size()};
        contents.authority = true;
        contents.key_usage = dlms::kKeyCertSign | dlms::kCrlSign;
        certificate_ = issue("authority", contents, keys_);
    }

    /// A key pair of `title` with its certificate: NAME.key and NAME.pem.
    void certify(std::string_view name, ByteView title, dlms::KeyUsage usage) {
        const KeyPair pair(crypto_, curve_);
        const auto own = dlms::parse_certificate(certificate_);
        const auto common_name = dlms::common_name_of(title);
        dlms::CertificateContents contents;
        contents.issuer = own->subject;
        contents.common_name = common_name;
        contents.key_usage = usage;
        (void)issue(name, contents, pair);
    }

private:
    Octets issue(std::string_view name, dlms::CertificateContents contents, const KeyPair& subject) {
        Octets serial = random_octets(crypto_, kSerialNumberSize);
        // A positive INTEGER of full length.
        serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7FU) | 0x40U);
        contents.serial_number = serial;
        contents.not_before = kNotBefore;
        contents.not_after = kNotAfter;
        contents.curve = curve_;
        contents.public_key = subject.public_key;
        Octets memory(dlms::kMaxCertificateSize);
        const auto made = dlms::issue_certificate(crypto_, contents, curve_, keys_.private_key, memory);
        if (!made) throw CliError(fmt::format("the certificate {} cannot be made", name));
        std::string key = encode_private_key(curve_, subject.private_key, subject.public_key);
        write_private_file(folder_ / fmt::format("{}.key", name), "private key", key);
        wipe({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
        const std::filesystem::path path = folder_ / fmt::format("{}.pem", name);
        std::ofstream file(path);
        file << encode_pem(kCertificateLabel, *made);
        file.close();
        if (!file) throw CliError(fmt::format("the certificate {} cannot be written", path.string()));
        return {made->begin(), made->end()};
    }

    Crypto& crypto_;
    Curve curve_;
    std::filesystem::path folder_;
    KeyPair keys_;
    Octets certificate_{};
};

/// The public key of who signs firmware images: of a key that is there already, else of a new one.
Octets firmware_signer(const std::filesystem::path& path, Crypto& crypto) {
    if (!std::filesystem::exists(path)) {
        const KeyPair pair(crypto, Curve::p256);
        std::string key = encode_private_key(Curve::p256, pair.private_key, pair.public_key);
        write_private_file(path, "private key", key);
        wipe({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
        return pair.public_key;
    }
    Octets private_key = read_private_key(path);
    Octets public_key(public_key_size(Curve::p256));
    const bool good = private_key.size() == private_key_size(Curve::p256) &&
                      crypto.public_key_of(Curve::p256, private_key, public_key);
    wipe(private_key);
    if (!good) throw CliError(fmt::format("the key {} is not on P-256; move it away", path.string()));
    return public_key;
}

std::string file_of(std::string_view name, std::string_view ending) {
    return fmt::format("{}/{}.{}", kFolder, name, ending);
}

/// The entries of an owner whose files are NAME-signing and NAME-agreement.
void name_files(ClientSecrets& secrets, const std::string& owner) {
    for (const char* const use : {"signing", "agreement"}) {
        secrets.files[fmt::format("{}_key_file", use)] = file_of(owner + "-" + use, "key");
        secrets.files[fmt::format("{}_certificate", use)] = file_of(owner + "-" + use, "pem");
    }
}

void certify_both(KeyFile& keys, const KeySetSettings& settings, Curve curve, Crypto& crypto) {
    Authority authority(crypto, curve, keys.path.parent_path() / kFolder);
    const auto meter = meter::MeterIdentity::from_serial_number(settings.serial_number).system_title;
    for (const auto& [owner, title] : {std::pair{"client", *keys.system_title}, std::pair{"meter", meter}}) {
        authority.certify(fmt::format("{}-signing", owner), title, dlms::kDigitalSignature);
        authority.certify(fmt::format("{}-agreement", owner), title, dlms::kKeyAgreement);
    }
    keys.trust_anchor_file = file_of("authority", "pem");
    name_files(*keys.virtual_meter, "meter");
    for (const std::uint16_t client : {meter::kUtilitySap, meter::kTechnicianSap}) {
        ClientSecrets& secrets = keys.clients[client];
        name_files(secrets, "client");
        for (const char* const use : {"signing", "agreement"}) {
            secrets.files[fmt::format("meter_{}_certificate", use)] = file_of(fmt::format("meter-{}", use), "pem");
        }
    }
}

}  // namespace

void make_key_set(const std::filesystem::path& path, const KeySetSettings& settings, Crypto& crypto) {
    KeyFile keys;
    keys.path = path;
    const Octets title = random_octets(crypto, 5);
    keys.system_title = SystemTitle{'F', 'R', 'S', title[0], title[1], title[2], title[3], title[4]};
    const std::size_t size = dlms::key_size_of_suite(settings.suite);
    for (const std::uint16_t client : {meter::kUtilitySap, meter::kTechnicianSap}) {
        ClientSecrets& secrets = keys.clients[client];
        secrets.unicast_key = random_octets(crypto, size);
        secrets.authentication_key = random_octets(crypto, size);
        secrets.master_key = random_octets(crypto, size);
        secrets.dedicated = true;
        // Also for the optical port, where IEC 62056-21 knows nothing but passwords.
        secrets.secret = random_password(crypto);
        if (settings.suite != 0) secrets.suite = settings.suite;
        if (settings.mechanism != dlms::AuthenticationMechanism::high_gmac) secrets.mechanism = settings.mechanism;
    }
    keys.clients[meter::kReaderSap].secret = random_password(crypto);
    keys.virtual_meter.emplace().wireless_key = random_octets(crypto, mbus::kKeySize);
    if (path.has_parent_path()) make_folder(path.parent_path());
    keys.virtual_meter->firmware_key = firmware_signer(path.parent_path() / kFirmwareKeyFile, crypto);
    if (const auto curve = dlms::curve_of_suite(settings.suite)) certify_both(keys, settings, *curve, crypto);
    write_key_file(keys);
}

}  // namespace ferraris::cli
