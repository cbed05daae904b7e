// The instrument and its own program: activation, trial, and what the audit trail says of it.
#include "meter/instrument.hpp"

namespace ferraris::meter {

dlms::ActionResult Instrument::activate_image(std::uint8_t client_sap) {
    if (images.can_activate()) {
        const std::uint64_t before = audit_trail.last_value(kProgramCheckSum).value_or(identity.firmware_signature);
        const std::uint64_t after = images.check_sum();
        // Room also for the way back.
        if (before != after &&
            (audit_trail.free() < 2 ||
             !audit_trail.append(parameters, {clock_seconds(), client_sap, kProgramCheckSum, before, after}))) {
            return dlms::ActionResult::other_reason;
        }
    }
    return images.activate(parameters);
}

// The trail said what was to run before it did; where that did not come up, it says so too.
void Instrument::seal_program_that_runs() {
    const auto told = audit_trail.last_value(kProgramCheckSum);
    if (!told || *told == identity.firmware_signature) return;
    (void)audit_trail.append(parameters, {clock_seconds(), 0, kProgramCheckSum, *told, identity.firmware_signature});
}

void Instrument::watch_images() {
    Occurrences due;
    flash_well_ = images.tick(parameters, flash_well_ && audit_trail.is_intact(), due) && flash_well_;
    report(due);
    if (image_schedule.take_due(parameters, clock)) activation_due_ = images.size() != 0;
    if (!activation_due_) return;
    const dlms::ActionResult result = activate_image(image_schedule.client_sap());
    // What was not verified before is verified first.
    activation_due_ = images.status() == ImageStatus::verification_initiated;
    if (result == dlms::ActionResult::success || result == dlms::ActionResult::temporary_failure) return;
    report({Event::firmware_activation_failed, 0, 0, 0});
}

}  // namespace ferraris::meter
