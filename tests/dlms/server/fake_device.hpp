/// A logical device with a handful of attributes, for tests of the server session alone.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "dlms/server/session.hpp"

namespace ferraris::dlms {

inline std::vector<std::uint8_t> bytes(const std::string& hex) { return from_hex(hex).value(); }

class FakeDevice final : public LogicalDevice {
public:
    static constexpr AttributeDescriptor kSerial{1, obis(0, 0, 96, 1, 0), 2};
    static constexpr AttributeDescriptor kCounter{1, obis(0, 0, 43, 1, 0), 2};
    static constexpr AttributeDescriptor kLong{7, obis(1, 0, 99, 1, 0), 2};
    static constexpr MethodDescriptor kEcho{9, obis(0, 0, 10, 0, 0), 1};

    std::vector<std::uint8_t> title = bytes("4D454C6470B71B11");
    std::vector<std::uint8_t> unicast = bytes("000102030405060708090A0B0C0D0E0F");
    std::vector<std::uint8_t> authentication = bytes("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    std::vector<std::uint8_t> password = bytes("3132333435363738");
    Conformance conformance = Conformance::get | Conformance::set | Conformance::action |
                              Conformance::selective_access | Conformance::multiple_references |
                              Conformance::block_transfer_with_get | Conformance::block_transfer_with_set |
                              Conformance::block_transfer_with_action;
    Protection policy{};
    Protection answer_policy{};
    std::uint8_t suite = 0;
    AuthenticationMechanism high_mechanism = AuthenticationMechanism::high_gmac;  ///< of client 1
    bool legacy_digests = false;
    std::vector<std::uint8_t> broadcast{};
    std::vector<std::uint8_t> master{};
    std::map<KeyUse, std::vector<std::uint8_t>> private_keys{};
    std::map<KeyUse, std::vector<std::uint8_t>> client_keys{};  ///< public keys of certificates
    std::vector<std::uint8_t> certified_title{};                ///< in whose name they are
    bool counters_left = true;
    std::uint32_t received = 0;
    std::uint32_t sent = 0;
    std::uint32_t long_rows = 100;
    std::map<AttributeDescriptor, std::vector<std::uint8_t>> values{{kSerial, bytes("09083132303030303137")},
                                                                    {kCounter, bytes("0600000058")}};
    std::vector<SecurityEvent> events{};
    std::vector<std::uint8_t> user_ids{};
    int writes = 0;
    int calls = 0;

    [[nodiscard]] ByteView system_title() const override { return title; }
    [[nodiscard]] std::optional<ClientAccess> client(std::uint16_t sap) const override {
        ClientAccess access;
        access.client_sap = sap;
        access.conformance = conformance;
        access.keys = {unicast, broadcast, authentication, master};
        access.security_suite = suite;
        access.legacy_digests = legacy_digests;
        if (sap == 16) return access;
        access.policy = policy;
        access.answer_policy = answer_policy;
        access.user_ids = user_ids;
        access.secret = password;
        if (sap == 2) {
            access.mechanism = AuthenticationMechanism::low;
        } else if (sap == 1) {
            access.mechanism = high_mechanism;
        } else {
            return std::nullopt;
        }
        return access;
    }
    [[nodiscard]] bool accept_invocation_counter(std::uint16_t, KeySet, std::uint32_t counter) override {
        if (counter <= received) return false;
        received = counter;
        return true;
    }
    [[nodiscard]] std::uint32_t expected_invocation_counter(std::uint16_t, KeySet) const override {
        return received + 1;
    }
    [[nodiscard]] std::optional<std::uint32_t> next_invocation_counter(std::uint16_t, KeySet) override {
        if (!counters_left) return std::nullopt;
        return ++sent;
    }
    [[nodiscard]] std::optional<PrivateKey> private_key(std::uint16_t, KeyUse use) const override {
        const auto found = private_keys.find(use);
        PrivateKey key;
        if (found == private_keys.end() || !key.octets.assign(found->second)) return std::nullopt;
        return key;
    }
    [[nodiscard]] std::optional<PublicKey> public_key(std::uint16_t, ByteView system_title, KeyUse use) const override {
        const auto found = client_keys.find(use);
        PublicKey key;
        if (found == client_keys.end() || !equal(system_title, certified_title) || !key.assign(found->second))
            return std::nullopt;
        return key;
    }
    [[nodiscard]] ReadOutcome read(const Caller&, const AttributeDescriptor& attribute, const Selection*,
                                   ReadCursor& cursor, ByteWriter& out) override {
        if (attribute == kLong) {
            return write_elements(cursor, long_rows + 1, out, [this](std::uint32_t index, DataWriter& data) {
                if (index == 0) return data.array(long_rows);
                data.structure(2);
                data.double_long_unsigned(index);
                data.octet_string(title);
            });
        }
        const auto value = values.find(attribute);
        if (value == values.end()) return ReadOutcome::failed(DataAccessResult::object_undefined);
        return write_whole(cursor, out, [&](DataWriter& data) { data.out().put(value->second); });
    }
    [[nodiscard]] DataAccessResult write(const Caller&, const AttributeDescriptor& attribute, const Selection*,
                                         ByteView value) override {
        const auto known = values.find(attribute);
        if (known == values.end()) return DataAccessResult::object_undefined;
        known->second.assign(value.begin(), value.end());
        ++writes;
        return DataAccessResult::success;
    }
    [[nodiscard]] ActionResult invoke(const Caller&, const MethodDescriptor& method, ByteView parameters,
                                      ByteWriter& out) override {
        ++calls;
        if (method != kEcho) return ActionResult::object_undefined;
        out.put(parameters);
        return ActionResult::success;
    }
    void security_event(std::uint16_t, SecurityEvent event) override { events.push_back(event); }
};

/// A session with memory of its own; `ask` takes and gives hexadecimal text.
class FakeServer {
public:
    explicit FakeServer(std::size_t pdu = 239)
        : deciphering_(pdu),
          answer_(pdu + kAnswerHeadroom + kMaxCipherTail),
          long_values_(4096),
          session(device, *crypto, {deciphering_, answer_, long_values_}) {}

    std::string ask(std::uint16_t client, const std::string& hex) { return to_hex(session.handle(client, bytes(hex))); }

    FakeDevice device{};
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();

private:
    std::vector<std::uint8_t> deciphering_;
    std::vector<std::uint8_t> answer_;
    std::vector<std::uint8_t> long_values_;

public:
    ServerSession session;
};

}  // namespace ferraris::dlms
