#include "dlms/security/certificate.hpp"

#include <algorithm>

#include "dlms/security/der.hpp"

namespace ferraris::dlms {
namespace {

using der::Reader;

// Object identifiers, encoded (RFC 5480, RFC 5758, RFC 5280).
constexpr std::uint8_t kEcPublicKey[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr std::uint8_t kPrime256v1[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::uint8_t kSecp384r1[] = {0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::uint8_t kEcdsaWithSha256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};
constexpr std::uint8_t kEcdsaWithSha384[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x03};
constexpr std::uint8_t kCommonName[] = {0x55, 0x04, 0x03};

struct CurveNames {
    Curve curve;
    ByteView key;
    ByteView signature;
};
constexpr std::array<CurveNames, 2> kCurves{{
    {Curve::p256, kPrime256v1, kEcdsaWithSha256},
    {Curve::p384, kSecp384r1, kEcdsaWithSha384},
}};

/// Extensions 2.5.29.x that are understood, or that restrict nothing that matters here (RFC 5280, 4.2.1).
constexpr std::uint8_t kKeyUsageExtension = 15;
constexpr std::uint8_t kBasicConstraints = 19;
constexpr std::uint8_t kKnownExtensions[] = {14, kKeyUsageExtension, 17, 18, kBasicConstraints, 32, 35, 37};

constexpr std::uint8_t kUncompressed = 0x04;
constexpr std::uint8_t kVersion3[] = {2};
constexpr std::uint8_t kVersion1OfRequest[] = {0};
constexpr std::uint8_t kTrue[] = {0xFF};

std::optional<std::uint8_t> hex_digit(std::uint8_t c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    return std::nullopt;
}

std::optional<TitleOctets> title_of(ByteView common_name) {
    TitleOctets title{};
    if (common_name.size() != 2 * title.size()) return std::nullopt;
    for (std::size_t i = 0; i < title.size(); ++i) {
        const auto high = hex_digit(common_name[2 * i]);
        const auto low = hex_digit(common_name[2 * i + 1]);
        if (!high || !low) return std::nullopt;
        title[i] = static_cast<std::uint8_t>(*high << 4U | *low);
    }
    return title;
}

/// The common name of a Name that is a SEQUENCE of SETs of {type, value}. False: no such.
bool read_name(ByteView encoded, std::optional<TitleOctets>& title) {
    Reader names(encoded);
    Reader sets = names.inside(der::kSequence);
    while (!sets.at_end()) {
        Reader set = sets.inside(der::kSet);
        if (set.at_end()) return false;
        while (!set.at_end()) {
            Reader pair = set.inside(der::kSequence);
            const ByteView type = pair.content(der::kObjectIdentifier);
            const der::Element value = pair.any();
            if (!pair.finished()) return false;
            if (equal(type, kCommonName)) title = title_of(value.content);
        }
        if (set.failed()) return false;
    }
    return sets.finished() && names.finished();
}

std::optional<unsigned> digits(ByteView text, std::size_t from, std::size_t count) {
    unsigned value = 0;
    for (const std::uint8_t c : text.subspan(from, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - unsigned{'0'});
    }
    return value;
}

/// YYMMDDhhmmssZ, years 1950 to 2049, or YYYYMMDDhhmmssZ (RFC 5280, 4.1.2.5).
std::optional<UtcTime> time_of(const der::Element& element) {
    const bool generalized = element.tag == der::kGeneralizedTime;
    const std::size_t year_digits = generalized ? 4 : 2;
    const ByteView text = element.content;
    if ((!generalized && element.tag != der::kUtcTime) || text.size() != year_digits + 11 || text.back() != 'Z')
        return std::nullopt;
    const auto year = digits(text, 0, year_digits);
    std::array<unsigned, 5> fields{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto field = digits(text, year_digits + 2 * i, 2);
        if (!field) return std::nullopt;
        fields[i] = *field;
    }
    const auto [month, day, hour, minute, second] = fields;
    if (!year || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    const auto full_year = static_cast<std::int32_t>(generalized ? *year : *year + (*year < 50 ? 2000U : 1900U));
    if (day < 1 || day > days_in_month(full_year, static_cast<std::uint8_t>(month))) return std::nullopt;
    const auto narrow = [](unsigned value) { return static_cast<std::uint8_t>(value); };
    return utc_from_civil({full_year, narrow(month), narrow(day), narrow(hour), narrow(minute), narrow(second), 0});
}

std::optional<Curve> signature_curve(ByteView algorithm) {
    Reader in(algorithm);
    const ByteView name = in.content(der::kObjectIdentifier);
    if (!in.finished()) return std::nullopt;
    for (const CurveNames& row : kCurves) {
        if (equal(name, row.signature)) return row.curve;
    }
    return std::nullopt;
}

/// SubjectPublicKeyInfo.
Result<void, CertificateError> read_public_key(ByteView content, Curve& curve, ByteView& public_key) {
    Reader in(content);
    Reader algorithm = in.inside(der::kSequence);
    const ByteView kind = algorithm.content(der::kObjectIdentifier);
    if (!algorithm.failed() && !equal(kind, kEcPublicKey)) return Error(CertificateError::unsupported_algorithm);
    const ByteView name = algorithm.content(der::kObjectIdentifier);
    const ByteView bits = in.content(der::kBitString);
    if (!algorithm.finished() || !in.finished()) return Error(CertificateError::malformed);
    for (const CurveNames& row : kCurves) {
        if (!equal(name, row.key)) continue;
        if (bits.size() != 2 + public_key_size(row.curve) || bits[0] != 0 || bits[1] != kUncompressed)
            return Error(CertificateError::malformed);
        curve = row.curve;
        public_key = bits.subspan(2);
        return {};
    }
    return Error(CertificateError::unsupported_algorithm);
}

/// A named bit string: bit 0 is the most significant of its first octet.
bool read_key_usage(ByteView value, std::uint16_t& usage) {
    Reader in(value);
    const ByteView bits = in.content(der::kBitString);
    if (!in.finished() || bits.size() < 2 || bits.size() > 3 || bits[0] > 7) return false;
    for (std::size_t bit = 0; bit < 8 * (bits.size() - 1); ++bit) {
        const unsigned octet = bits[1 + bit / 8];
        if ((octet & (0x80U >> (bit % 8))) != 0) usage = static_cast<std::uint16_t>(usage | 1U << bit);
    }
    return true;
}

bool read_basic_constraints(ByteView value, bool& authority) {
    Reader in(value);
    Reader fields = in.inside(der::kSequence);
    if (fields.next_is(der::kBoolean)) authority = equal(fields.content(der::kBoolean), kTrue);
    // How long a chain below may be does not matter: only direct issue is verified.
    if (fields.next_is(der::kInteger)) (void)fields.content(der::kInteger);
    return fields.finished() && in.finished();
}

Result<void, CertificateError> read_extensions(ByteView content, Certificate& certificate) {
    Reader in(content);
    Reader list = in.inside(der::kSequence);
    while (!list.at_end()) {
        Reader extension = list.inside(der::kSequence);
        const ByteView name = extension.content(der::kObjectIdentifier);
        bool critical = false;
        if (extension.next_is(der::kBoolean)) critical = equal(extension.content(der::kBoolean), kTrue);
        const ByteView value = extension.content(der::kOctetString);
        if (!extension.finished()) return Error(CertificateError::malformed);
        const bool standard = name.size() == 3 && name[0] == 0x55 && name[1] == 0x1D;
        const std::uint8_t number = standard ? name[2] : std::uint8_t{0};
        const bool known = std::ranges::find(kKnownExtensions, number) != std::end(kKnownExtensions);
        if (critical && !known) return Error(CertificateError::unknown_critical_extension);
        const bool good = number == kKeyUsageExtension  ? read_key_usage(value, certificate.key_usage)
                          : number == kBasicConstraints ? read_basic_constraints(value, certificate.authority)
                                                        : true;
        if (!good) return Error(CertificateError::malformed);
    }
    if (!list.finished() || !in.finished()) return Error(CertificateError::malformed);
    return {};
}

/// What follows the part that is signed: algorithm and signature. Returns the signature's encoded SEQUENCE.
std::optional<ByteView> read_signature(Reader& outer, ByteView& algorithm) {
    algorithm = outer.content(der::kSequence);
    const ByteView bits = outer.content(der::kBitString);
    if (!outer.finished() || bits.empty() || bits[0] != 0) return std::nullopt;
    return bits.subspan(1);
}

bool verify_encoded(Crypto& crypto, Curve curve, ByteView public_key, ByteView message, ByteView encoded) {
    std::array<std::uint8_t, kMaxSignatureSize> memory{};
    const ByteSpan signature = ByteSpan(memory).first(signature_size(curve));
    Reader in(encoded);
    Reader numbers = in.inside(der::kSequence);
    const ByteView r = numbers.content(der::kInteger);
    const ByteView s = numbers.content(der::kInteger);
    if (!numbers.finished() || !in.finished()) return false;
    const std::size_t half = signature.size() / 2;
    return der::read_unsigned(r, signature.first(half)) && der::read_unsigned(s, signature.subspan(half)) &&
           crypto.verify(curve, public_key, std::array<ByteView, 1>{message}, signature);
}

const CurveNames& names_of(Curve curve) { return kCurves[static_cast<std::size_t>(curve)]; }

void put_algorithm(der::Writer& out, Curve curve) {
    const std::size_t end = out.size();
    out.element(der::kObjectIdentifier, names_of(curve).signature);
    out.wrap(der::kSequence, end);
}

void put_name(der::Writer& out, ByteView common_name) {
    const std::size_t end = out.size();
    out.element(der::kUtf8String, common_name);
    out.element(der::kObjectIdentifier, kCommonName);
    out.wrap(der::kSequence, end);
    out.wrap(der::kSet, end);
    out.wrap(der::kSequence, end);
}

void put_public_key(der::Writer& out, Curve curve, ByteView public_key) {
    const std::size_t end = out.size();
    out.put(public_key);
    out.octet(kUncompressed);
    out.octet(0);
    out.wrap(der::kBitString, end);
    const std::size_t algorithm_end = out.size();
    out.element(der::kObjectIdentifier, names_of(curve).key);
    out.element(der::kObjectIdentifier, kEcPublicKey);
    out.wrap(der::kSequence, algorithm_end);
    out.wrap(der::kSequence, end);
}

void put_time(der::Writer& out, UtcTime time) {
    const CivilTime civil = civil_from_utc(time);
    const std::array<unsigned, 6> fields{
        static_cast<unsigned>(civil.year) % 100, civil.month, civil.day, civil.hour, civil.minute, civil.second};
    std::array<std::uint8_t, 13> text{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        text[2 * i] = static_cast<std::uint8_t>('0' + fields[i] / 10);
        text[2 * i + 1] = static_cast<std::uint8_t>('0' + fields[i] % 10);
    }
    text[12] = 'Z';
    out.element(der::kUtcTime, text);
}

void put_extension(der::Writer& out, std::uint8_t number, std::size_t end) {
    out.wrap(der::kOctetString, end);
    out.element(der::kBoolean, kTrue);
    const std::array<std::uint8_t, 3> name{0x55, 0x1D, number};
    out.element(der::kObjectIdentifier, name);
    out.wrap(der::kSequence, end);
}

void put_extensions(der::Writer& out, const CertificateContents& contents) {
    const std::size_t end = out.size();
    if (contents.authority) {
        const std::size_t extension_end = out.size();
        out.element(der::kBoolean, kTrue);
        out.wrap(der::kSequence, extension_end);
        put_extension(out, kBasicConstraints, extension_end);
    }
    const std::size_t extension_end = out.size();
    unsigned octet = 0;
    for (unsigned bit = 0; bit < 8; ++bit) octet |= ((contents.key_usage >> bit) & 1U) << (7U - bit);
    unsigned unused = 0;
    while (unused < 7 && ((octet >> unused) & 1U) == 0) ++unused;
    const std::array<std::uint8_t, 2> bits{static_cast<std::uint8_t>(unused), static_cast<std::uint8_t>(octet)};
    out.element(der::kBitString, bits);
    put_extension(out, kKeyUsageExtension, extension_end);
    out.wrap(der::kSequence, end);
    out.wrap(der::kContext3, end);
}

/// SEQUENCE { body, algorithm, signature }, where `write_body` writes the body. It is written first, since it is
/// signed, and then makes room for what stands behind it.
template <class WriteBody>
Result<ByteView, CertificateError> sign_structure(Crypto& crypto, Curve curve, ByteView private_key, ByteSpan memory,
                                                  WriteBody&& write_body) {
    der::Writer body(memory);
    write_body(body);
    if (body.overflowed()) return Error(CertificateError::no_room);
    std::array<std::uint8_t, kMaxSignatureSize> raw{};
    const ByteSpan signature = ByteSpan(raw).first(signature_size(curve));
    if (!crypto.sign(curve, private_key, std::array<ByteView, 1>{body.written()}, signature))
        return Error(CertificateError::crypto_failed);
    std::array<std::uint8_t, kMaxSignatureSize + 40> tail_memory{};
    der::Writer tail(tail_memory);
    const std::size_t half = signature.size() / 2;
    tail.unsigned_integer(signature.subspan(half));
    tail.unsigned_integer(signature.first(half));
    tail.wrap(der::kSequence, 0);
    tail.octet(0);
    tail.wrap(der::kBitString, 0);
    put_algorithm(tail, curve);
    const std::size_t body_size = body.size();
    if (tail.overflowed() || tail.size() > memory.size() - body_size) return Error(CertificateError::no_room);
    const ByteView written = body.written();
    std::copy(written.begin(), written.end(), memory.last(body_size + tail.size()).begin());
    der::Writer out(memory);
    out.put(tail.written());
    out.keep(body_size);
    out.wrap(der::kSequence, 0);
    if (out.overflowed()) return Error(CertificateError::no_room);
    return out.written();
}

}  // namespace

KeyUse Certificate::use() const {
    const bool signs = may(kDigitalSignature);
    const bool agrees = may(kKeyAgreement);
    if (signs && agrees) return KeyUse::tls;
    if (signs) return KeyUse::digital_signature;
    return agrees ? KeyUse::key_agreement : KeyUse::other;
}

Result<Certificate, CertificateError> parse_certificate(ByteView encoded) {
    const auto malformed = Error(CertificateError::malformed);
    Certificate certificate;
    certificate.encoded = encoded;
    Reader whole(encoded);
    Reader outer = whole.inside(der::kSequence);
    const der::Element body = outer.expect(der::kSequence);
    ByteView outer_algorithm;
    const auto signature = read_signature(outer, outer_algorithm);
    if (!whole.finished() || !signature) return malformed;
    certificate.to_be_signed = body.encoded;
    certificate.signature = *signature;

    Reader in(body.content);
    Reader version = in.inside(der::kContext0);
    const bool version_3 = equal(version.content(der::kInteger), kVersion3) && version.finished();
    certificate.serial_number = in.content(der::kInteger);
    const ByteView algorithm = in.content(der::kSequence);
    certificate.issuer = in.expect(der::kSequence).encoded;
    Reader validity = in.inside(der::kSequence);
    const auto not_before = time_of(validity.any());
    const auto not_after = time_of(validity.any());
    certificate.subject = in.expect(der::kSequence).encoded;
    const ByteView key_info = in.content(der::kSequence);
    if (in.failed() || !version_3 || !validity.finished() || !not_before || !not_after) return malformed;
    const std::size_t serial_size = certificate.serial_number.size();
    if (serial_size == 0 || serial_size > kMaxSerialNumberSize + 1) return malformed;
    certificate.not_before = *not_before;
    certificate.not_after = *not_after;

    std::optional<TitleOctets> ignored;
    if (!read_name(certificate.issuer, ignored) || !read_name(certificate.subject, certificate.system_title))
        return malformed;
    // What is signed must name the algorithm that signs.
    const auto curve = signature_curve(algorithm);
    if (!curve) return Error(CertificateError::unsupported_algorithm);
    if (!equal(algorithm, outer_algorithm)) return malformed;
    certificate.signature_curve = *curve;
    if (const auto key = read_public_key(key_info, certificate.curve, certificate.public_key); !key)
        return Error(key.error());
    if (in.next_is(der::kContext1)) (void)in.any();
    if (in.next_is(der::kContext2)) (void)in.any();
    if (in.next_is(der::kContext3)) {
        if (const auto extensions = read_extensions(in.content(der::kContext3), certificate); !extensions)
            return Error(extensions.error());
    }
    if (!in.finished()) return malformed;
    return certificate;
}

Result<void, CertificateError> verify_certificate(Crypto& crypto, const Certificate& certificate,
                                                  const Certificate& issuer, std::optional<UtcTime> now) {
    if (!equal(certificate.issuer, issuer.subject)) return Error(CertificateError::wrong_issuer);
    if (!issuer.authority || !issuer.may(kKeyCertSign)) return Error(CertificateError::issuer_not_entitled);
    if (certificate.signature_curve != issuer.curve ||
        !verify_encoded(crypto, issuer.curve, issuer.public_key, certificate.to_be_signed, certificate.signature)) {
        return Error(CertificateError::bad_signature);
    }
    if (now && *now < certificate.not_before) return Error(CertificateError::not_yet_valid);
    if (now && *now > certificate.not_after) return Error(CertificateError::expired);
    return {};
}

Result<CertificateRequest, CertificateError> parse_certificate_request(Crypto& crypto, ByteView encoded) {
    CertificateRequest request;
    Reader whole(encoded);
    Reader outer = whole.inside(der::kSequence);
    const der::Element body = outer.expect(der::kSequence);
    ByteView algorithm;
    const auto signature = read_signature(outer, algorithm);
    Reader in(body.content);
    const bool version_1 = equal(in.content(der::kInteger), kVersion1OfRequest);
    request.subject = in.expect(der::kSequence).encoded;
    const ByteView key_info = in.content(der::kSequence);
    // Attributes, if any, ask for more than is granted here.
    if (in.next_is(der::kContext0)) (void)in.any();
    if (!whole.finished() || !signature || !version_1 || !in.finished() ||
        !read_name(request.subject, request.system_title)) {
        return Error(CertificateError::malformed);
    }
    if (const auto key = read_public_key(key_info, request.curve, request.public_key); !key) return Error(key.error());
    if (signature_curve(algorithm) != request.curve) return Error(CertificateError::unsupported_algorithm);
    if (!verify_encoded(crypto, request.curve, request.public_key, body.encoded, *signature))
        return Error(CertificateError::bad_signature);
    return request;
}

Result<ByteView, CertificateError> make_certificate_request(Crypto& crypto, Curve curve, ByteView private_key,
                                                            ByteView system_title, ByteSpan memory) {
    std::array<std::uint8_t, kMaxPublicKeySize> key_memory{};
    const ByteSpan public_key = ByteSpan(key_memory).first(public_key_size(curve));
    if (!crypto.public_key_of(curve, private_key, public_key)) return Error(CertificateError::crypto_failed);
    return sign_structure(crypto, curve, private_key, memory, [&](der::Writer& out) {
        out.element(der::kContext0, {});
        put_public_key(out, curve, public_key);
        put_name(out, common_name_of(system_title));
        out.element(der::kInteger, kVersion1OfRequest);
        out.wrap(der::kSequence, 0);
    });
}

Result<ByteView, CertificateError> issue_certificate(Crypto& crypto, const CertificateContents& contents,
                                                     Curve issuer_curve, ByteView issuer_private_key, ByteSpan memory) {
    return sign_structure(crypto, issuer_curve, issuer_private_key, memory, [&](der::Writer& out) {
        put_extensions(out, contents);
        put_public_key(out, contents.curve, contents.public_key);
        put_name(out, contents.common_name);
        const std::size_t validity_end = out.size();
        put_time(out, contents.not_after);
        put_time(out, contents.not_before);
        out.wrap(der::kSequence, validity_end);
        if (contents.issuer.empty()) {
            put_name(out, contents.common_name);
        } else {
            out.put(contents.issuer);
        }
        put_algorithm(out, issuer_curve);
        out.unsigned_integer(contents.serial_number);
        const std::size_t version_end = out.size();
        out.element(der::kInteger, kVersion3);
        out.wrap(der::kContext0, version_end);
        out.wrap(der::kSequence, 0);
    });
}

std::array<std::uint8_t, 16> common_name_of(ByteView system_title) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::array<std::uint8_t, 16> name{};
    for (std::size_t i = 0; i < std::min<std::size_t>(system_title.size(), name.size() / 2); ++i) {
        name[2 * i] = static_cast<std::uint8_t>(kDigits[system_title[i] >> 4U]);
        name[2 * i + 1] = static_cast<std::uint8_t>(kDigits[system_title[i] & 0x0FU]);
    }
    return name;
}

}  // namespace ferraris::dlms
