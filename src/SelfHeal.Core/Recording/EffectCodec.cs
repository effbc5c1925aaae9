using SelfHeal.Core.Control;
using SelfHeal.Core.Records;
using SelfHeal.Core.Remediation;

namespace SelfHeal.Core.Recording;

/// <summary>Effects of a step as bytes. What only shows something is left out.</summary>
internal static class EffectCodec
{
    private const byte Append = 1;
    private const byte Apply = 2;
    private const byte Withdraw = 3;
    private const byte Page = 4;

    /// <summary>Whether an effect is recorded at all: what only shows something, or only moves history in and out, is
    /// not compared.</summary>
    public static bool IsRecorded(ControlEffect effect) => effect is not (ControlEffect.Report
        or ControlEffect.Suspect or ControlEffect.StoreBaselines or ControlEffect.ReadBaselines);

    /// <summary>Writes an effect.</summary>
    public static void Write(RecordingBuffer buffer, ControlEffect effect)
    {
        switch (effect)
        {
            case ControlEffect.AppendRecord { Record: var record }:
                buffer.Byte(Append);
                buffer.ZigZag(record.Sequence);
                buffer.Text(record.Type.ToString());
                buffer.Text(record.IncidentId);
                buffer.Bytes(RecordJson.Write(record));
                break;
            case ControlEffect.ApplyOverlay apply:
                buffer.Byte(Apply);
                buffer.Bytes(RecordingJson.Write(apply.Overlay));
                break;
            case ControlEffect.WithdrawOverlay withdraw:
                buffer.Byte(Withdraw);
                buffer.Text(withdraw.OverlayId);
                break;
            case ControlEffect.Page page:
                buffer.Byte(Page);
                buffer.Text(page.IncidentId);
                buffer.Text(page.Text);
                break;
            default:
                // A kind that came later: it is not compared, and a test fails until it is told apart here.
                buffer.Byte(0);
                buffer.Text(effect.GetType().Name);
                break;
        }
    }

    /// <summary>Reads an effect; null where the cursor is broken or the effect is one that was not compared.</summary>
    public static RecordedEffect? Read(ref RecordingCursor cursor)
    {
        RecordedEffect? effect = null;
        switch (cursor.Byte())
        {
            case 0:
                cursor.Text();
                break;
            case Append:
                effect = new RecordedEffect.Append(
                    cursor.ZigZag(),
                    cursor.Text(),
                    cursor.Text(),
                    cursor.Bytes(RecordingFormat.ChunkLengthMax).ToArray());
                break;
            case Apply:
                var json = cursor.Bytes(RecordingFormat.TextLengthMax);
                if (cursor.IsBroken || !RecordingJson.TryRead<WeightOverlay>(json, out var overlay)
                    || overlay.Weights.IsDefault)
                    cursor.Fail("an overlay as JSON");
                else
                    effect = new RecordedEffect.Apply(overlay);
                break;
            case Withdraw:
                effect = new RecordedEffect.Withdraw(cursor.Text());
                break;
            case Page:
                effect = new RecordedEffect.Page(cursor.Text(), cursor.Text());
                break;
            default:
                cursor.Fail("an effect of a kind from 0 to 4");
                break;
        }

        return cursor.IsBroken ? null : effect;
    }
}
