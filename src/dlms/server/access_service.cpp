#include "dlms/server/access_service.hpp"

namespace ferraris::dlms {
namespace {

constexpr auto kOtherReason = static_cast<std::uint8_t>(DataAccessResult::other_reason);
static_assert(kOtherReason == static_cast<std::uint8_t>(ActionResult::other_reason));

constexpr AccessChoice choice_of_result(AccessChoice choice) {
    if (choice == AccessChoice::action) return AccessChoice::action;
    return is_set(choice) ? AccessChoice::set : AccessChoice::get;
}

class Items {
public:
    Items(const ServiceRequest& request, MethodTarget& target) : request_(request), target_(target) {}

    /// Carries out one item and writes its data, or null-data, into `out`. False: what it gave did not fit.
    [[nodiscard]] bool perform(const AccessSpecification& item, ByteView value, ByteWriter& out,
                               std::uint8_t& result) const {
        ByteWriter data(out.unused());
        result = carry_out(item, value, data);
        if (data.overflowed()) {
            // A method has been carried out, whether or not what it returned has room: its result stands.
            tell(request_, SecurityEvent::too_long);
            if (item.choice != AccessChoice::action) return false;
            data = ByteWriter(ByteSpan{});
        }
        if (result == 0 && data.size() != 0) {
            out.advance(data.size());
        } else {
            DataWriter(out).null_data();
        }
        return true;
    }

private:
    [[nodiscard]] std::uint8_t carry_out(const AccessSpecification& item, ByteView value, ByteWriter& out) const {
        if (has_selection(item.choice) && !negotiated(request_, Conformance::selective_access)) {
            tell(request_, SecurityEvent::service_not_negotiated);
            return static_cast<std::uint8_t>(DataAccessResult::scope_of_access_violated);
        }
        const Selection* const selection = has_selection(item.choice) ? &item.selection : nullptr;
        if (item.choice == AccessChoice::action) {
            // null-data is how a request says that there are no parameters.
            const bool none = value[0] == static_cast<std::uint8_t>(DataTag::null_data);
            return static_cast<std::uint8_t>(
                target_.invoke(request_.caller, item.method(), none ? ByteView{} : value, out));
        }
        if (is_set(item.choice)) {
            return static_cast<std::uint8_t>(
                request_.device.write(request_.caller, item.attribute(), selection, value));
        }
        ReadCursor cursor;
        const ReadOutcome read = request_.device.read(request_.caller, item.attribute(), selection, cursor, out);
        // What is not complete is too long for the room: it overflows by an octet, so that `perform` sees it.
        if (read.result == DataAccessResult::success && !read.complete) {
            while (!out.overflowed()) out.u8(0);
        }
        return static_cast<std::uint8_t>(read.result);
    }

    const ServiceRequest& request_;
    MethodTarget& target_;
};

}  // namespace

void answer_access(const ServiceRequest& request, MethodTarget& target, Answer& answer) {
    if (!negotiated(request, Conformance::access)) {
        return refuse_unnegotiated(request, answer);
    }
    const auto access = decode_access_request(request.apdu);
    if (!access) return answer_malformed(request, answer, access.error());
    const std::size_t count = access->specifications.count;
    ByteWriter body = answer.start_body(answer.limit());
    body.u8(static_cast<std::uint8_t>(ApduTag::access_response));
    body.u32(access->invoke.bits);
    body.u8(0);  // no date-time: the protocol has no clock
    body.u8(access->invoke.self_descriptive() ? 1 : 0);
    if (access->invoke.self_descriptive()) put(body, access->specifications);
    put_length(body, count);
    // Behind the data of each item come its null-data at least, and two octets of result.
    const std::size_t reserved = 5 + 2 * count;
    if (count > request.long_memory.size() || body.room() < reserved + count) {
        return refuse_too_long(request, answer);
    }
    ByteWriter data(body.unused().first(body.room() - reserved));
    const Items items(request, target);
    auto value = access->data.begin();
    std::size_t index = 0;
    bool stopped = false;
    for (const AccessSpecification& item : access->specifications) {
        std::uint8_t result = kOtherReason;
        // One octet for each of those that follow.
        ByteWriter here(data.unused().first(data.room() - (count - index - 1)));
        if (stopped) {
            DataWriter(here).null_data();
        } else if (!items.perform(item, value->octets, here, result)) {
            result = kOtherReason;
            DataWriter(here).null_data();
        }
        data.advance(here.size());
        if (result != 0 && access->invoke.break_on_error()) stopped = true;
        request.long_memory[index++] = result;
        ++value;
    }
    body.advance(data.size());
    if (!access->invoke.confirmed()) return answer.clear();
    put_length(body, count);
    index = 0;
    for (const AccessSpecification& item : access->specifications) {
        put(body, AccessResult{choice_of_result(item.choice), request.long_memory[index++]});
    }
    answer.finish_body(body);
}

}  // namespace ferraris::dlms
