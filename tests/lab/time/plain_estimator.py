"""A second reading of bitcoind's fee estimator: ``policy/fees.cpp`` line by line, one node, plain loops."""

import math

import numpy as np

SPACING, DEAREST, INFINITE = 1.05, 1e7, 1e99
HORIZONS = {"short": (12, 1, 0.962), "medium": (24, 2, 0.9952), "long": (42, 24, 0.99931)}
SUFFICIENT = {"short": 0.5, "medium": 0.1, "long": 0.1}


class TxConfirmStats:
    def __init__(self, buckets, periods, scale, decay):
        self.buckets, self.scale, self.decay = buckets, scale, decay
        self.conf_avg = np.zeros((periods, len(buckets)))
        self.fail_avg = np.zeros((periods, len(buckets)))
        self.tx_ct_avg = np.zeros(len(buckets))
        self.feerate_avg = np.zeros(len(buckets))
        self.unconf = np.zeros((self.max_confirms(), len(buckets)), dtype=int)
        self.old_unconf = np.zeros(len(buckets), dtype=int)

    def max_confirms(self):
        return self.scale * len(self.conf_avg)

    def bucket(self, rate):
        return next(index for index, bound in enumerate(self.buckets) if bound >= rate)

    def clear_current(self, height):
        row = height % len(self.unconf)
        self.old_unconf += self.unconf[row]
        self.unconf[row] = 0

    def update_moving_averages(self):
        for table in (self.conf_avg, self.fail_avg, self.tx_ct_avg, self.feerate_avg):
            table *= self.decay

    def record(self, blocks, rate):
        index = self.bucket(rate)
        for period in range((blocks + self.scale - 1) // self.scale, len(self.conf_avg) + 1):
            self.conf_avg[period - 1, index] += 1
        self.tx_ct_avg[index] += 1
        self.feerate_avg[index] += rate

    def new_tx(self, height, rate):
        self.unconf[height % len(self.unconf), self.bucket(rate)] += 1

    def remove_tx(self, entered, best, rate, in_block):
        index, ago = self.bucket(rate), best - entered
        if ago >= len(self.unconf):
            self.old_unconf[index] -= 1
        else:
            self.unconf[entered % len(self.unconf), index] -= 1
        if not in_block and ago >= self.scale:
            for period in range(min(ago // self.scale, len(self.fail_avg))):
                self.fail_avg[period, index] += 1

    def median(self, target, sufficient, share, best):
        n_conf = total = failed = partial = 0.0
        extra = 0
        period = (target + self.scale - 1) // self.scale
        rows = [(best - count) % len(self.unconf) for count in range(target, self.max_confirms())]
        waiting = self.unconf[rows].sum(axis=0)
        last = len(self.buckets) - 1
        near = best_near = best_far = last
        found, new_range = False, True
        for bucket in range(last, -1, -1):
            if new_range:
                near, new_range = bucket, False
            n_conf += self.conf_avg[period - 1, bucket]
            partial += self.tx_ct_avg[bucket]
            total += self.tx_ct_avg[bucket]
            failed += self.fail_avg[period - 1, bucket]
            extra += waiting[bucket] + self.old_unconf[bucket]
            if partial < sufficient / (1 - self.decay):
                continue
            partial = 0.0
            if n_conf / (total + failed + extra) < share:
                continue
            found, new_range = True, True
            n_conf = total = failed = 0.0
            extra = 0
            best_near, best_far = near, bucket
        in_range = range(min(best_near, best_far), max(best_near, best_far) + 1)
        remaining = sum(self.tx_ct_avg[bucket] for bucket in in_range)
        if not found or not remaining:
            return -1.0
        remaining /= 2
        for bucket in in_range:
            if self.tx_ct_avg[bucket] < remaining:
                remaining -= self.tx_ct_avg[bucket]
            else:
                return self.feerate_avg[bucket] / self.tx_ct_avg[bucket]
        return -1.0


class PlainEstimator:
    def __init__(self, height, cheapest):
        buckets = []
        bound = float(cheapest)
        while bound <= DEAREST:
            buckets.append(bound)
            bound *= SPACING
        buckets.append(INFINITE)
        self.stats = {name: TxConfirmStats(buckets, *shape) for name, shape in HORIZONS.items()}
        self.best, self.first = height, 0
        self.file = (0, 0)
        self.tracked = {}

    def arrive(self, key, rate):
        self.tracked[key] = (self.best, rate)
        for stats in self.stats.values():
            stats.new_tx(self.best, rate)

    def remove(self, key, in_block):
        entered, rate = self.tracked.pop(key)
        for stats in self.stats.values():
            stats.remove_tx(entered, self.best, rate, in_block)
        return entered, rate

    def block(self, keys):
        self.best += 1
        counted = 0
        for stats in self.stats.values():
            stats.clear_current(self.best)
            stats.update_moving_averages()
        for key in keys:
            if key in self.tracked:
                entered, rate = self.remove(key, in_block=True)
                for stats in self.stats.values():
                    stats.record(self.best - entered, float(rate))
                counted += 1
        if not self.first and counted:
            self.first = self.best

    def restart(self):
        for key in list(self.tracked):
            self.remove(key, in_block=False)
        own, filed = self.spans()
        if own > filed // 2:
            self.file = (self.first, self.best)
        self.first = 0

    def spans(self):
        own = self.best - self.first if self.first else 0
        filed = self.file[1] - self.file[0] if self.file[0] and self.best - self.file[1] <= 6048 else 0
        return own, filed

    def _median(self, name, target, share):
        return self.stats[name].median(target, SUFFICIENT[name], share, self.best)

    def combined(self, target, share, check_shorter):
        if not 1 <= target <= self.stats["long"].max_confirms():
            return -1.0
        name = next(name for name in HORIZONS if target <= self.stats[name].max_confirms())
        estimate = self._median(name, target, share)
        for shorter in ("medium", "short") if check_shorter else ():
            longest = self.stats[shorter].max_confirms()
            if target > longest:
                limit = self._median(shorter, longest, share)
                if limit > 0 and (estimate == -1 or limit < estimate):
                    estimate = limit
        return estimate

    def estimate(self, target, conservative):
        usable = min(self.stats["long"].max_confirms(), max(self.spans()) // 2)
        target = min(max(target, 2), usable)
        if target <= 1:
            return 0
        median = self.combined(target // 2, 0.6, True)
        median = max(median, self.combined(target, 0.85, True))
        median = max(median, self.combined(2 * target, 0.95, not conservative))
        if conservative or median == -1:
            careful = -1.0
            if 2 * target <= self.stats["short"].max_confirms():
                careful = self._median("medium", 2 * target, 0.95)
            if 2 * target <= self.stats["medium"].max_confirms():
                careful = max(careful, self._median("long", 2 * target, 0.95))
            median = max(median, careful)
        return 0 if median < 0 else math.floor(median + 0.5)
