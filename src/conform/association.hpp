/// An association of whichever client is declared: ciphered where there are keys, else the public one. Requests and
/// answers are plain here, so that a case says what it asks, and not how it travels.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "conform/dialogue.hpp"
#include "dlms/apdu/action.hpp"
#include "dlms/apdu/get.hpp"
#include "dlms/apdu/set.hpp"

namespace ferraris::conform {

/// Every service and every kind of block of logical names, as far as cases ask for them.
[[nodiscard]] dlms::InitiateRequest full_initiate();

/// An attribute of the object list and what the association may do with it.
struct ListedAttribute {
    std::int8_t attribute{0};
    bool readable{false};
    bool writable{false};
};
struct ListedObject {
    std::uint16_t class_id{0};
    std::uint8_t version{0};
    dlms::LogicalName name{};
    std::vector<ListedAttribute> attributes{};

    [[nodiscard]] bool may_read(std::int8_t attribute) const;
};

/// The octets of `apdu`, encoded.
template <class Apdu>
[[nodiscard]] Octets apdu_octets(const Apdu& apdu, std::size_t most = 65535) {
    Octets octets(most);
    ByteWriter out(octets);
    encode(out, apdu);
    octets.resize(out.size());
    return octets;
}

class Association {
public:
    /// Opens it; the case is inconclusive when the meter refuses.
    explicit Association(Bench& bench, const dlms::InitiateRequest& initiate = full_initiate());
    /// The public client, whatever is declared.
    [[nodiscard]] static Association publicly(Bench& bench, const dlms::InitiateRequest& initiate = full_initiate());

    [[nodiscard]] bool negotiated(dlms::Conformance bit) const { return has(conformance_, bit); }
    /// Ends the case as not applicable without it.
    void need(dlms::Conformance bit, const std::string& what) const;

    /// The plain answer; nothing when the meter stays silent, or when what it says cannot be deciphered.
    [[nodiscard]] std::optional<Octets> ask(const Octets& apdu);
    template <class Request>
    [[nodiscard]] std::optional<Octets> ask_for(const Request& request) {
        return ask(apdu_octets(request));
    }

    struct Value {
        dlms::DataAccessResult result{dlms::DataAccessResult::other_reason};
        Octets data{};
        [[nodiscard]] bool given() const { return result == dlms::DataAccessResult::success; }
    };
    /// GET, in blocks where the meter answers so.
    [[nodiscard]] Value get(const dlms::AttributeDescriptor& attribute,
                            const std::optional<dlms::Selection>& selection = {});
    /// Nothing: no answer that could be read.
    [[nodiscard]] std::optional<dlms::DataAccessResult> set(const dlms::AttributeDescriptor& attribute,
                                                            const Octets& value);
    [[nodiscard]] std::optional<dlms::ActionOutcome> call(const dlms::MethodDescriptor& method,
                                                          const Octets& parameters);
    /// What this association may see; inconclusive when it cannot be read.
    [[nodiscard]] std::vector<ListedObject> objects();

private:
    struct NotYetOpen {};
    Association(Bench& bench, NotYetOpen) : bench_(bench) {}
    void open_publicly(const dlms::InitiateRequest& initiate);

    Bench& bench_;
    std::unique_ptr<Dialogue> plain_{};
    std::unique_ptr<SecureDialogue> secure_{};
    dlms::Conformance conformance_{dlms::Conformance::none};
    Octets last_{};  ///< what the views of the last answer point into
};

}  // namespace ferraris::conform
