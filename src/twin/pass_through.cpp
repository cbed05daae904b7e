#include "twin/pass_through.hpp"

#include <algorithm>
#include <utility>

#include "dlms/hdlc/frame.hpp"

namespace ferraris::twin {

using dlms::HdlcClientEventKind;

namespace {

/// How often whoever waits looks whether the meter itself has finished.
constexpr std::int64_t kLook_ms = 10;

}  // namespace

PassThrough::Link::Link(const dlms::HdlcClientConfig& config, const void* who)
    : owner(who),
      address(config.server.lower),
      client_sap(config.client_sap),
      frame(dlms::hdlc::frame_room(config.parameters.max_information_receive)),
      apdu(kMaxCarried),
      client(config, frame, apdu) {}

void PassThrough::request(const void* owner, std::uint16_t address, std::uint16_t client_sap, ByteView apdu,
                          Done done) {
    constexpr std::uint16_t kMostClients = 0x7F;
    if (jobs_.size() >= kMaxJobs || client_sap > kMostClients) return done(std::nullopt);
    jobs_.push_back({owner, address, client_sap, {apdu.begin(), apdu.end()}, std::move(done), {}});
    if (wake_) wake_();
}

void PassThrough::forget(const void* owner) {
    for (Job& job : jobs_) {
        if (job.owner == owner) job.done = nullptr;
    }
    // What has not begun need not.
    const auto waiting = jobs_.begin() + (active() ? 1 : 0);
    jobs_.erase(std::remove_if(waiting, jobs_.end(), [owner](const Job& job) { return job.owner == owner; }),
                jobs_.end());
    for (const auto& link : links_) {
        if (link->owner == owner) jobs_.push_back({owner, link->address, link->client_sap, {}, nullptr, {}});
    }
    if (wake_) wake_();
}

PassThrough::Link* PassThrough::find(std::uint16_t address, std::uint16_t client_sap) {
    const auto found = std::ranges::find_if(
        links_, [&](const auto& link) { return link->address == address && link->client_sap == client_sap; });
    return found == links_.end() ? nullptr : found->get();
}

dlms::HdlcClientConfig PassThrough::configuration(const Job& job) const {
    constexpr std::uint16_t kMostOfTwoOctets = 0x7F;
    constexpr std::uint32_t kAnswerWithin_ms = 20'000;
    dlms::HdlcClientConfig config;
    const std::uint8_t width = job.address > kMostOfTwoOctets ? 4 : 2;
    config.server = {1, job.address, width};
    config.client_sap = static_cast<std::uint8_t>(job.client_sap);
    if (meter_.setups != nullptr) config.parameters = meter_.setups->hdlc_of(meter::Port::rs485).link;
    config.response_timeout_ms = 1500;
    config.retries = 1;
    config.answer_timeout_ms = kAnswerWithin_ms;
    return config;
}

void PassThrough::begin(std::int64_t now_ms) {
    const Job& job = jobs_.front();
    Link* link = find(job.address, job.client_sap);
    if (job.apdu.empty()) {
        if (link == nullptr || link->owner != job.owner) return finish(std::nullopt, false);
        current_ = link;
        return link->client.disconnect(now_ms);
    }
    // Another owner's link is set up anew, and his association is over: a device has one link with each client.
    const bool usable = link != nullptr && link->owner == job.owner && link->client.connected();
    if (!usable) {
        if (link != nullptr) {
            std::erase_if(links_, [link](const auto& one) { return one.get() == link; });
        }
        if (links_.size() == kMaxLinks) links_.erase(links_.begin());
        links_.push_back(std::make_unique<Link>(configuration(job), job.owner));
        current_ = links_.back().get();
        return current_->client.connect(now_ms);
    }
    current_ = link;
    if (!link->client.send(job.apdu, now_ms)) finish(std::nullopt, true);
}

void PassThrough::finish(std::optional<ByteView> answer, bool drop) {
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    Link* const link = std::exchange(current_, nullptr);
    if (job.done) job.done(answer);
    if (drop && link != nullptr) {
        std::erase_if(links_, [link](const auto& one) { return one.get() == link; });
    }
}

void PassThrough::take(const dlms::HdlcClientEvent& event, std::int64_t now_ms) {
    switch (event.kind) {
        case HdlcClientEventKind::connected:
            if (!current_->client.send(jobs_.front().apdu, now_ms)) finish(std::nullopt, true);
            return;
        case HdlcClientEventKind::apdu:
            return finish(event.apdu, false);
        case HdlcClientEventKind::failed:
        case HdlcClientEventKind::disconnected:
            return finish(std::nullopt, true);
        case HdlcClientEventKind::none:
        case HdlcClientEventKind::notification:
            return;
    }
}

void PassThrough::receive(ByteView& in, std::int64_t now_ms) {
    now_ms_ = now_ms;
    if (!active()) {
        in = {};
        return;
    }
    take(current_->client.receive(in, now_ms), now_ms);
}

ByteView PassThrough::pull(std::int64_t now_ms) {
    now_ms_ = now_ms;
    ByteWriter out(out_);
    if (active()) (void)current_->client.pull(out, now_ms);
    return out.written();
}

void PassThrough::poll(std::int64_t now_ms, bool free) {
    now_ms_ = now_ms;
    if (active()) return take(current_->client.poll(now_ms), now_ms);
    if (jobs_.empty()) return;
    if (free && now_ms - last_heard_ms_ >= kQuiet_ms) return begin(now_ms);
    const std::int64_t since_ms = jobs_.front().waits_since_ms.value_or(now_ms);
    jobs_.front().waits_since_ms = since_ms;
    if (now_ms - since_ms > kPatience_ms) finish(std::nullopt, false);
}

std::optional<std::int64_t> PassThrough::next_timeout() const {
    if (active()) return current_->client.next_timeout();
    if (jobs_.empty()) return std::nullopt;
    return std::max(now_ms_ + kLook_ms, last_heard_ms_ + kQuiet_ms);
}

}  // namespace ferraris::twin
