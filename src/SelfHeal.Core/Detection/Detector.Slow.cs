using SelfHeal.Core.Series;
using SelfHeal.Core.Time;

namespace SelfHeal.Core.Detection;

/// <content>The ninth look: a cumulative sum over blocks of minutes.</content>
public sealed partial class Detector
{
    private SlowCounts[] _slow = new SlowCounts[64];
    private bool _hasSlowStart;
    private ControlTime _slowStart;

    private void LookSlowly(in BlockRecord block)
    {
        // Hot path: allocation-free unless more is going on than ever before.
        if (_slow.Length < _tracks.Capacity)
            Array.Resize(ref _slow, _tracks.Capacity);
        if (!_hasSlowStart)
            (_slowStart, _hasSlowStart) = (block.Start, true);
        for (var track = 0; track < _tracks.Count; track++)
        {
            if (_tracks.IsKnown(track))
                _slow[track].Add(_tracks.At(track, block.Sequence), block.Exposure);
        }

        if (block.End.Since(_slowStart) < _options.SlowBlock)
            return;
        for (var track = 0; track < _tracks.Count; track++)
        {
            if (_slow[track].KnownBlocks > 0)
                CloseSlow(track, block);
        }

        _slowStart = block.End;
    }

    private void CloseSlow(int track, in BlockRecord block)
    {
        var counts = _slow[track];
        _slow[track] = default;
        if (!IsFrozen(track))
            _baselines.LearnSlow(track, counts.Events, counts.Total);
        var input = new LookInput(counts.Events, counts.Total, 0, 0);
        var terms = _baselines.Terms(track, LookKind.Slow, 0, _tracks.Falls(track));

        // The windows see a service's collapse as one; its versions alone may come and go. Where nothing has happened
        // and nothing had, every sum stays 0.
        var memory = _memories[track];
        if (input.Total == 0 || _tracks.Falls(track) || !MayJudgeItself(track))
            return;
        if (input.Events <= input.Total * terms.Baseline && memory is null)
            return;
        memory = Remember(track);
        var slow = new SlowLook(
            counts.Events, counts.Total, counts.KnownBlocks, counts.Exposure, 0, terms, block);
        var isAbove = memory.AddSlow(input, terms, slow, _slowStart);
        _running[track] = (ushort)(isAbove ? _running[track] | SlowBit : _running[track] & ~SlowBit);
        var result = SlowResult(track, memory);
        if (result.IsSuspect)
            AddFinding(result);
        ForgetIfIdle(track);
    }

    private struct SlowCounts
    {
        public long Events;
        public long Total;
        public int KnownBlocks;
        public TimeSpan Exposure;

        public void Add((long Events, long Total) block, TimeSpan exposure)
        {
            Events += block.Events;
            Total += block.Total;
            KnownBlocks++;
            Exposure += exposure;
        }
    }
}
