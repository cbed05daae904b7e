/// Every message among the facts decodes to the last octet: every string of octets of every file is taken, without
/// being told what it is, except those that are no messages, by name and with the reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "decode/input.hpp"
#include "decode/render.hpp"
#include "shared.hpp"

namespace ferraris::decode {
namespace {

using nlohmann::json;

/// Keys of the files whose values are octets of something that is no message.
const std::map<std::string, std::string> kNoMessages = {
    {"EK", "a key"},
    {"AK", "a key"},
    {"KEK", "a key"},
    {"GBEK", "a key"},
    {"GUEK", "a key"},
    {"key", "a key"},
    {"wrapped", "a wrapped key alone"},
    {"secret", "a password"},
    {"private", "a key"},
    {"public", "a key"},
    {"Z", "a shared secret"},
    {"gcm_H", "an intermediate result of GCM"},
    {"system_title", "a system title"},
    {"originator", "a system title"},
    {"recipient", "a system title"},
    {"transaction_id", "a number that names a transaction"},
    {"SC", "one field of an envelope"},
    {"IC", "one field of an envelope"},
    {"aad", "input of an authentication tag"},
    {"tag", "an authentication tag"},
    {"printed_tag", "an authentication tag"},
    {"tag_by_stated_AAD_rule", "an authentication tag"},
    {"challenge", "random octets"},
    {"CtoS", "random octets"},
    {"StoC", "random octets"},
    {"result", "an answer to a challenge"},
    {"f_StoC", "an answer to a challenge"},
    {"f_CtoS", "an answer to a challenge"},
    {"signature", "a signature"},
    {"message", "text that is signed"},
    {"AlgorithmID", "see the object identifiers of the ACSE vectors"},
    {"signed_octets", "a general-signing APDU without its tag and signature"},
    {"ciphertext_and_tag", "the inside of an envelope without the envelope"},
    {"fcs", "one field of a frame"},
    {"dst", "one field of a frame"},
    {"src", "one field of a frame"},
    {"control", "one field of a frame"},
    {"bcc", "one field of a message"},
};
/// Beginnings of such keys: titles, parties and the pairs of elliptic curves.
constexpr std::string_view kNoMessagePrefixes[] = {"ST_",  "ID_",   "Pri_",  "Pub",     "pri_",
                                                   "pub_", "Epub_", "Epri_", "static_", "signer_"};
/// Messages that cannot be explained alone, by id and key.
const std::map<std::string, std::string> kNotAlone = {
    {"hdlc_iskra550-1/info", "the middle of an APDU: no segment but the first has a beginning"},
    {"hdlc_iskra550-2/info", "the end of an APDU"},
    {"hdlc_iskra550-0/info", "the beginning of an APDU"},
    {"len-forms/apdu", "lengths of A-XDR one after the other, which is no message"},
};
/// Files of tables: what looks like octets there are numbers of tags and codes.
const std::set<std::string> kTables = {"enumerations.json", "interface_classes.json", "disconnect_control.json",
                                       "events_and_alarms.json", "conformance_test_cases.json"};

bool excepted(const std::string& key) {
    return kNoMessages.contains(key) ||
           std::ranges::any_of(kNoMessagePrefixes, [&](std::string_view prefix) { return key.starts_with(prefix); });
}

void take_key(const json& object, const char* name, Octets& key) {
    if (const auto found = object.find(name); found != object.end() && found->is_string()) {
        if (auto octets = from_hex(found->get<std::string>())) key = std::move(*octets);
    }
}

/// The keys that stand beside a message.
KeyRing keys_of(const json& object, KeyRing ring) {
    KeyRow row;
    take_key(object, "EK", row.unicast);
    take_key(object, "key", row.unicast);
    take_key(object, "AK", row.authentication);
    take_key(object, "GBEK", row.broadcast);
    take_key(object, "KEK", row.master);
    take_key(object, "Pub", row.signing_public);
    row.dedicated = row.unicast;
    if (!row.unicast.empty() || !row.broadcast.empty() || !row.signing_public.empty()) ring.rows.push_back(row);
    for (const char* const name : {"system_title", "originator", "ID_U"}) {
        Octets title;
        take_key(object, name, title);
        ring.add_title(title);
    }
    return ring;
}

class FactsWalk {
public:
    explicit FactsWalk(std::string file) : file_(std::move(file)) {}

    void walk(const json& value, const std::string& id, const std::string& key, const KeyRing& keys) {
        if (value.is_object()) {
            const std::string own = value.value("id", id);
            const KeyRing ring = keys_of(value, keys);
            for (const auto& [name, child] : value.items()) walk(child, own, name, ring);
        } else if (value.is_array()) {
            for (const json& child : value) walk(child, id, key, keys);
        } else if (value.is_string()) {
            check(value.get<std::string>(), id + "/" + key, key, keys);
        }
    }

    [[nodiscard]] int checked() const { return checked_; }
    [[nodiscard]] const std::set<std::string>& used() const { return used_; }

private:
    void check(const std::string& text, const std::string& name, const std::string& key, const KeyRing& keys) {
        const std::string first = text.substr(0, text.find(' '));
        const auto octets = from_hex(first);
        constexpr std::size_t kLeast = 3;
        if (!octets || octets->size() < kLeast || excepted(key)) return;
        if (kNotAlone.contains(name)) {
            used_.insert(name);
            return;
        }
        ++checked_;
        const auto crypto = make_openssl_crypto();
        std::vector<Item> items;
        explain_octets({keys, crypto.get()}, *octets, [&](Item&& item) { items.push_back(std::move(item)); }, {});
        std::uint64_t covered = 0;
        ASSERT_FALSE(items.empty()) << file_ << " " << name;
        for (const Item& item : items) {
            covered += item.buffers.front().octets.size();
            EXPECT_TRUE(unexplained(item).empty()) << file_ << " " << name << "\n" << render_text(item);
            EXPECT_NE(worst(item.node), Verdict::unexplained) << file_ << " " << name << "\n" << render_text(item);
        }
        EXPECT_EQ(covered, octets->size()) << file_ << " " << name;
    }

    std::string file_;
    int checked_{0};
    std::set<std::string> used_{};
};

TEST(Facts, EveryMessageIsExplainedToTheLastOctet) {
    FERRARIS_NEEDS_SHARED("facts/vectors_acse.json");
    int checked = 0;
    std::set<std::string> used;
    for (const auto& entry : std::filesystem::directory_iterator(ferraris::testing::shared("facts"))) {
        const std::string file = entry.path().filename();
        if (entry.path().extension() != ".json" || kTables.contains(file)) continue;
        FactsWalk walk(file);
        walk.walk(ferraris::testing::shared_json("facts/" + file), "", "", {});
        checked += walk.checked();
        used.insert(walk.used().begin(), walk.used().end());
    }
    // A walk that finds nothing would pass too.
    EXPECT_GT(checked, 200);
    EXPECT_EQ(used.size(), kNotAlone.size());
    std::printf("%d strings of octets explained\n", checked);
}

}  // namespace
}  // namespace ferraris::decode
