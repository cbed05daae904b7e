/// A certification authority of tests: its keys are made when it is.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "dlms/security/certificate.hpp"

namespace ferraris::testing {

class TestAuthority {
public:
    static constexpr UtcTime kNotBefore = utc_from_civil({2020, 1, 1, 0, 0, 0, 0});
    static constexpr UtcTime kNotAfter = utc_from_civil({2049, 12, 31, 23, 59, 59, 0});

    struct KeyPair {
        std::vector<std::uint8_t> private_key;
        std::vector<std::uint8_t> public_key;
    };

    TestAuthority(Crypto& crypto, Curve curve, const std::string& name = "Test authority")
        : crypto_(crypto), curve_(curve), keys_(key_pair()) {
        dlms::CertificateContents contents;
        contents.authority = true;
        contents.key_usage = dlms::kKeyCertSign | dlms::kCrlSign;
        contents.common_name = {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()};
        contents.public_key = keys_.public_key;
        certificate_ = sign(contents);
    }

    [[nodiscard]] const std::vector<std::uint8_t>& certificate() const { return certificate_; }

    [[nodiscard]] KeyPair key_pair() const {
        KeyPair pair{std::vector<std::uint8_t>(private_key_size(curve_)),
                     std::vector<std::uint8_t>(public_key_size(curve_))};
        EXPECT_TRUE(crypto_.generate_key_pair(curve_, pair.private_key, pair.public_key));
        return pair;
    }

    /// For the owner of `system_title`.
    [[nodiscard]] std::vector<std::uint8_t> issue(ByteView system_title, ByteView public_key, unsigned key_usage,
                                                  UtcTime not_after = kNotAfter) {
        dlms::CertificateContents contents;
        const auto own = dlms::parse_certificate(certificate_);
        EXPECT_TRUE(own);
        contents.issuer = own->subject;
        const auto name = dlms::common_name_of(system_title);
        contents.common_name = name;
        contents.public_key = public_key;
        contents.key_usage = static_cast<std::uint16_t>(key_usage);
        contents.not_after = not_after;
        return sign(contents);
    }

private:
    std::vector<std::uint8_t> sign(dlms::CertificateContents contents) {
        const std::uint8_t serial = ++serial_;
        contents.serial_number = ByteView(&serial, 1);
        contents.not_before = kNotBefore;
        if (contents.not_after == UtcTime{}) contents.not_after = kNotAfter;
        contents.curve = curve_;
        std::vector<std::uint8_t> memory(dlms::kMaxCertificateSize);
        const auto made = dlms::issue_certificate(crypto_, contents, curve_, keys_.private_key, memory);
        EXPECT_TRUE(made);
        if (!made) return {};
        return {made->begin(), made->end()};
    }

    Crypto& crypto_;
    Curve curve_;
    KeyPair keys_;
    std::uint8_t serial_{0};
    std::vector<std::uint8_t> certificate_{};
};

}  // namespace ferraris::testing
