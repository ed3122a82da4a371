// Group statistics, filters and selections, rewards and their shaping.
#pragma once

#include "ops/op.h"
#include "ops/token/corrections.h"
#include "ops/token/rewards.h"
#include "ops/token/schedules.h"
#include "ops/token/selection.h"
#include "ops/token/statistics.h"

namespace belfry {

// On every backend.
using TokenGroupOps =
    OpList<MaskedWhiten, ImportanceWeights, NextTokenLabels, EmaUpdate, AmftMetaGradient,
           RejectionMask, OffPolicySequenceMask, D3sSelectTokens, EntropyMask>;
// On the host.
using TokenGroupHostOps =
    OpList<AdaptiveKl, AmftUpdate, CurriculumProbability, LinearSchedule, PassAtK, AffineReward,
           LengthDifferencePenalty, OverlongPenalty, TruncationReward, WeightedRewardSum,
           CostReward, RouterReward, JudgeReward, NgramJaccard, BoxRewards, AdvantageBoost,
           AdvantageFilter, GroupFilter, GuideSelect, PromptSelect, PromptValueLoss,
           D3sSelectSamples, RollinMask, RunningMoments, RewardNorm, MultiRewardAdvantage,
           CopoAdvantage, TokenEllipticalBonus>;

}  // namespace belfry
