/// What all xDLMS APDUs share: tags, errors, the invoke id, descriptors, lists and blocks (IEC 62056-5-3, annex A).
///
/// Every APDU is a plain struct of views into the octets it was decoded from; `decode_…` checks all of it, so that
/// walking a list later cannot fail. `encode(out, apdu)` writes the same struct back; ask `out.overflowed()` once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "dlms/data.hpp"
#include "dlms/enumerations.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::dlms {

/// First octet of an APDU. Service-specific ciphered APDUs are listed in ciphered.hpp.
enum class ApduTag : std::uint8_t {
    initiate_request = 0x01,
    read_request = 0x05,
    write_request = 0x06,
    initiate_response = 0x08,
    read_response = 0x0C,
    write_response = 0x0D,
    confirmed_service_error = 0x0E,
    data_notification = 0x0F,
    information_report = 0x18,
    data_notification_confirm = 0x10,
    aarq = 0x60,
    aare = 0x61,
    rlrq = 0x62,
    rlre = 0x63,
    get_request = 0xC0,
    set_request = 0xC1,
    event_notification_request = 0xC2,
    action_request = 0xC3,
    get_response = 0xC4,
    set_response = 0xC5,
    action_response = 0xC7,
    exception_response = 0xD8,
    access_request = 0xD9,
    access_response = 0xDA,
    general_glo_ciphering = 0xDB,
    general_ded_ciphering = 0xDC,
    general_ciphering = 0xDD,
    general_signing = 0xDF,
    general_block_transfer = 0xE0,
};

/// What is wrong with an APDU.
enum class ApduError : std::uint8_t {
    truncated,       ///< it ends in the middle of a field, or a length points past its end
    malformed,       ///< a field has a value that the syntax forbids, or octets are left over
    unknown_tag,     ///< another APDU than the decoder's
    unknown_choice,  ///< a request or response type that the standard does not have
};

/// Tag of an APDU; nothing when there is no octet.
[[nodiscard]] constexpr std::optional<ApduTag> apdu_tag(ByteView apdu) {
    if (apdu.empty()) return std::nullopt;
    return static_cast<ApduTag>(apdu[0]);
}

/// Invoke-Id-And-Priority: bits 0 to 3 the id, bit 6 confirmed, bit 7 high priority.
struct InvokeIdAndPriority {
    std::uint8_t octet{0xC1};

    [[nodiscard]] static constexpr InvokeIdAndPriority of(std::uint8_t id, bool confirmed = true, bool high = true) {
        return {static_cast<std::uint8_t>((id & 0x0FU) | (confirmed ? 0x40U : 0U) | (high ? 0x80U : 0U))};
    }
    [[nodiscard]] constexpr std::uint8_t id() const { return octet & 0x0FU; }
    [[nodiscard]] constexpr bool confirmed() const { return (octet & 0x40U) != 0; }
    [[nodiscard]] constexpr bool high_priority() const { return (octet & 0x80U) != 0; }
    friend constexpr bool operator==(const InvokeIdAndPriority&, const InvokeIdAndPriority&) = default;
};

/// A cursor that remembers what was wrong first. The octets of one APDU go through it from tag to end.
class ApduReader {
public:
    explicit ApduReader(ByteView apdu) : in_(apdu) {}

    [[nodiscard]] bool failed() const { return error_.has_value() || in_.failed(); }
    /// Only meaningful when `failed()`.
    [[nodiscard]] ApduError error() const { return error_.value_or(ApduError::truncated); }
    void refuse(ApduError error) {
        if (failed()) return;
        error_ = error;
        in_.fail();
    }
    [[nodiscard]] std::size_t position() const { return in_.position(); }
    [[nodiscard]] std::size_t remaining() const { return in_.remaining(); }
    [[nodiscard]] bool at_end() const { return in_.at_end(); }
    [[nodiscard]] std::uint8_t peek() const { return in_.peek(); }
    [[nodiscard]] ByteView since(std::size_t start) const { return in_.since(start); }
    [[nodiscard]] ByteView rest() const { return in_.rest(); }

    std::uint8_t u8() { return in_.u8(); }
    std::uint16_t u16() { return in_.u16(); }
    std::uint32_t u32() { return in_.u32(); }
    ByteView take(std::size_t count) { return in_.take(count); }
    std::size_t length() { return take_length(in_); }
    /// A-XDR OCTET STRING: length and octets.
    ByteView octet_string() { return in_.take(take_length(in_)); }
    /// Presence flag of an OPTIONAL field; anything but 0 and 1 is malformed.
    bool present();
    bool boolean() { return in_.u8() != 0; }
    void tag(ApduTag expected);
    /// One element of `Data`, whole.
    ByteView data();
    /// The end of the APDU: octets that are left over are malformed.
    void end() {
        if (!failed() && !at_end()) refuse(ApduError::malformed);
    }
    template <class Apdu>
    [[nodiscard]] Result<Apdu, ApduError> result(const Apdu& apdu) {
        end();
        if (failed()) return Error(error());
        return apdu;
    }

private:
    ByteReader in_;
    std::optional<ApduError> error_;
};

/// Selective access of a profile or an object list: the selector's number and one A-XDR element (selective_access.hpp).
struct Selection {
    std::uint8_t selector{0};
    ByteView parameters{};
};

/// Cosem-Attribute-Descriptor-With-Selection.
struct AttributeRequest {
    AttributeDescriptor attribute{};
    std::optional<Selection> selection{};
};

/// One element of `Data` as it is encoded.
struct EncodedData {
    ByteView octets{};
};

/// Get-Data-Result: `data` when `result` is success, else the reason.
struct GetDataResult {
    DataAccessResult result{DataAccessResult::success};
    ByteView data{};
};

/// Action-Response-With-Optional-Data.
struct ActionOutcome {
    ActionResult result{ActionResult::success};
    std::optional<GetDataResult> returned{};
};

/// DataBlock-SA and DataBlock-G. `result` other than success takes the place of `raw_data` (DataBlock-G only).
struct DataBlock {
    bool last{true};
    std::uint32_t number{1};
    DataAccessResult result{DataAccessResult::success};
    ByteView raw_data{};
};

void take(ApduReader& in, AttributeDescriptor& item);
void take(ApduReader& in, MethodDescriptor& item);
void take(ApduReader& in, AttributeRequest& item);
void take(ApduReader& in, EncodedData& item);
void take(ApduReader& in, GetDataResult& item);
void take(ApduReader& in, ActionOutcome& item);
void take(ApduReader& in, DataAccessResult& item);
/// DataBlock-SA: without the choice of a result.
void take_block_sa(ApduReader& in, DataBlock& item);
/// DataBlock-G: raw data or a data-access-result.
void take_block_g(ApduReader& in, DataBlock& item);

void put(ByteWriter& out, const AttributeDescriptor& item);
void put(ByteWriter& out, const MethodDescriptor& item);
void put(ByteWriter& out, const AttributeRequest& item);
void put(ByteWriter& out, const EncodedData& item);
void put(ByteWriter& out, const GetDataResult& item);
void put(ByteWriter& out, const ActionOutcome& item);
void put(ByteWriter& out, const DataAccessResult& item);
/// Both heads end in the length of the raw data, which is to follow.
void put_block_sa_head(ByteWriter& out, bool last, std::uint32_t number, std::size_t raw_length);
void put_block_g_head(ByteWriter& out, bool last, std::uint32_t number, std::size_t raw_length);
void put_block_sa(ByteWriter& out, const DataBlock& item);
void put_block_g(ByteWriter& out, const DataBlock& item);

/// A SEQUENCE OF: `count` items in `octets`, checked when it was taken.
///
///     for (const AttributeRequest& request : get.attributes) …
template <class Item>
struct ListView {
    std::size_t count{0};
    ByteView octets{};  ///< the items without the count

    class Iterator {
    public:
        using value_type = Item;
        using difference_type = std::ptrdiff_t;

        Iterator(ByteView octets, std::size_t count) : in_(octets), left_(count) { read(); }
        const Item& operator*() const { return item_; }
        const Item* operator->() const { return &item_; }
        Iterator& operator++() {
            --left_;
            read();
            return *this;
        }
        void operator++(int) { ++*this; }
        bool operator==(std::default_sentinel_t) const { return left_ == 0; }

    private:
        void read() {
            if (left_ == 0) return;
            item_ = Item{};
            take(in_, item_);
            if (in_.failed()) left_ = 0;
        }
        ApduReader in_;
        std::size_t left_;
        Item item_{};
    };
    [[nodiscard]] Iterator begin() const { return Iterator(octets, count); }
    [[nodiscard]] std::default_sentinel_t end() const { return std::default_sentinel; }
    [[nodiscard]] bool empty() const { return count == 0; }
};

/// Checks every item. Each takes at least one octet, so a count beyond what remains is refused before it costs time.
template <class Item>
void take(ApduReader& in, ListView<Item>& list) {
    list.count = in.length();
    if (list.count > in.remaining()) {
        in.refuse(ApduError::truncated);
        return;
    }
    const std::size_t start = in.position();
    for (std::size_t i = 0; i < list.count && !in.failed(); ++i) {
        Item item{};
        take(in, item);
    }
    if (!in.failed()) list.octets = in.since(start);
}

template <class Item>
void put(ByteWriter& out, const ListView<Item>& list) {
    put_length(out, list.count);
    out.put(list.octets);
}

/// The same list from items in memory.
template <class Item>
void put_list(ByteWriter& out, std::span<const Item> items) {
    put_length(out, items.size());
    for (const Item& item : items) put(out, item);
}

}  // namespace ferraris::dlms
