using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using MetaMap.Shared.Messages;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Spans of a run over all nodes. The trace of a round follows from its names alone, so that coordinators and workers tell the same one
/// without a word about it between them. Nothing is made while nobody listens.
/// </summary>
public static class Tracing
{
    /// <summary>Name of the source of spans, and of the meter.</summary>
    public const string Name = "MetaMap";

    private const int TraceBytes = 16;
    private const int SpanBytes = 8;

    private static readonly ActivitySource _source = new(Name);

    /// <summary>Begins a span of a round; null while nobody listens.</summary>
    /// <param name="what">What is done, e.g. <c>block</c>.</param>
    /// <param name="run">The run.</param>
    /// <param name="round">The iteration or evaluation.</param>
    /// <param name="began">When it began; default: now.</param>
    public static Activity? Begin(string what, RunId run, RoundId round, DateTimeOffset began = default)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        Activity? span = _source.StartActivity(what, ActivityKind.Internal, RoundOf(run, round), startTime: began);
        return span?.SetTag("metamap.run", run.Value).SetTag(round.Kind == RoundKind.Iteration ? "metamap.iteration" : "metamap.evaluation", round.Number);
    }

    /// <summary>The root of a round's trace: all its spans are below it.</summary>
    public static ActivityContext RoundOf(RunId run, RoundId round)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{run.Value}/{round.Kind}/{round.Number}"));
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(digest.AsSpan(0, TraceBytes)), ActivitySpanId.CreateFromBytes(digest.AsSpan(TraceBytes, SpanBytes)), ActivityTraceFlags.Recorded, isRemote: true);
    }
}
