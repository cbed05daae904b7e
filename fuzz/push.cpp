/// What `ferraris listen` takes from anybody: pushes in blocks or whole, in the clear, or sealed with the right keys so
/// that hostile octets get past the tag. All of it becomes lines of text.
///
///     input := { how(1) length(2) octets(length) }
///     how % 4 = 0: as they are; 1: sealed under the unicast key; 2: in general-ciphering with a wrapped key; 3: as the
///     data of a general block

#include "cli/error.hpp"
#include "cli/push_reader.hpp"
#include "crypto/openssl.hpp"
#include "dlms/security/layers.hpp"
#include "require.hpp"

namespace {

using namespace ferraris;
using cli::Octets;

using fuzz::require;

constexpr cli::SystemTitle kMeter{'F', 'R', 'S', 0, 0, 0, 0, 1};
constexpr cli::SystemTitle kOwn{'F', 'R', 'S', 0, 0, 0, 0, 9};

cli::KeyFile key_file() {
    cli::KeyFile keys;
    keys.system_title = kOwn;
    cli::ClientSecrets& secrets = keys.clients[1];
    secrets.unicast_key = Octets(16, 1);
    secrets.authentication_key = Octets(16, 2);
    secrets.master_key = Octets(16, 3);
    return keys;
}

Octets sealed(Crypto& crypto, const cli::ClientSecrets& secrets, ByteView plain, bool general) {
    dlms::ProtectionLayer layer;
    layer.envelope = dlms::Envelope::general_global;
    layer.protection = {true, true};
    if (general) {
        layer.kind = dlms::ProtectionLayer::Kind::general_ciphering;
        layer.key = dlms::KeyChoice::wrapped;
    }
    dlms::GeneralKeys keys;
    keys.own_system_title = kMeter;
    keys.peer_system_title = kOwn;
    keys.unicast_encryption = secrets.unicast_key;
    keys.authentication = secrets.authentication_key;
    keys.master = secrets.master_key;
    constexpr std::size_t kBefore = 128;
    Octets buffer(kBefore + plain.size() + 64);
    std::copy(plain.begin(), plain.end(), buffer.begin() + kBefore);
    const auto apdu = dlms::seal_layer(crypto, 0, layer, 1, keys, buffer, kBefore, plain.size());
    return apdu ? Octets(apdu->begin(), apdu->end()) : Octets{};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const auto crypto = make_openssl_crypto();
    static const cli::KeyFile keys = key_file();
    const cli::PushReader reader(&keys, *crypto);
    cli::PushAssembler assembler;
    ByteReader in(ByteView(data, size));
    while (in.remaining() >= 3) {
        const std::uint8_t how = in.u8();
        const ByteView octets = in.take(std::min<std::size_t>(in.u16(), in.remaining()));
        Octets apdu(octets.begin(), octets.end());
        const bool is_sealed = how % 4 == 1 || how % 4 == 2;
        if (is_sealed) apdu = sealed(*crypto, keys.clients.at(1), octets, how % 4 == 2);
        if (how % 4 == 3) {
            Octets block(octets.size() + dlms::kGeneralBlockOverhead);
            ByteWriter out(block);
            encode(out, dlms::GeneralBlock{(how & 0x80U) != 0, (how & 0x40U) != 0, 1,
                                           static_cast<std::uint16_t>((how >> 2U) % 16 + 1), 0, octets});
            block.resize(out.size());
            apdu = block;
        }
        const ByteView whole = assembler.take(apdu);
        (void)assembler.damaged();
        if (whole.empty()) continue;
        const cli::Push push = reader.read(whole);
        // What is inside may be sealed again, with keys that nobody has.
        if (is_sealed && !push.client) require(!push.problem.empty());
        if (push.client) require(push.security.has_value());
        require(!push.kind.empty() || !push.problem.empty());
        require(!push_text(push, "somebody").empty());
        const std::string json = push_json(push, "somebody");
        require(!json.empty() && json.back() == '\n' && json.find('\n') == json.size() - 1);
    }
    return 0;
}
