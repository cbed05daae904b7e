// RLRQ and RLRE.
#include "dlms/apdu/acse.hpp"
#include "dlms/apdu/ber.hpp"

namespace ferraris::dlms {
namespace {

using namespace ber;

constexpr std::uint8_t kReason = 0x80;

template <class Release>
Result<Release, ApduError> decode_release(ByteView apdu, ApduTag tag) {
    ApduReader in(apdu);
    Release release;
    ApduReader fields(take_apdu(in, tag));
    while (!in.failed() && !fields.failed() && !fields.at_end()) {
        const Tlv field = take_tlv(fields);
        if (field.tag == kReason) {
            if (release.reason || field.content.size() != 1) {
                fields.refuse(ApduError::malformed);
            } else {
                release.reason = static_cast<ReleaseReason>(field.content[0]);
            }
        } else if (field.tag == kUserInformation) {
            set_once(fields, release.user_information, unwrap(fields, field.content, kOctetString));
        }
    }
    if (in.failed()) return Error(in.error());
    return fields.result(release);
}

template <class Release>
void encode_release(ByteWriter& out, ApduTag tag, const Release& release) {
    put_tlv(out, static_cast<std::uint8_t>(tag), [&](ByteWriter& body) {
        if (release.reason) {
            const auto reason = static_cast<std::uint8_t>(*release.reason);
            put_octets(body, kReason, ByteView(&reason, 1));
        }
        put_wrapped(body, kUserInformation, kOctetString, release.user_information);
    });
}

}  // namespace

Result<ReleaseRequest, ApduError> decode_rlrq(ByteView apdu) {
    return decode_release<ReleaseRequest>(apdu, ApduTag::rlrq);
}

Result<ReleaseResponse, ApduError> decode_rlre(ByteView apdu) {
    return decode_release<ReleaseResponse>(apdu, ApduTag::rlre);
}

void encode(ByteWriter& out, const ReleaseRequest& request) { encode_release(out, ApduTag::rlrq, request); }

void encode(ByteWriter& out, const ReleaseResponse& response) { encode_release(out, ApduTag::rlre, response); }

}  // namespace ferraris::dlms
