using MetaMap.Core.Rounds;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// Takes block results in: judges them, fetches their gradients, and has them counted. Equal gradients (a block that
/// two workers computed) are fetched once, from whichever worker answers. Owned by one actor.
/// </summary>
/// <param name="blobs">The node's buffers: what a worker on the same node computed is there already.</param>
/// <param name="fetch">Starts to fetch the gradient of a result, or names another holder of one that is being fetched; answered once, by <see cref="Fetched"/> or <see cref="Missed"/>.</param>
/// <param name="tell">Tells the worker of a result its verdict, and the journal the reason, too.</param>
/// <param name="elapsed">The coordinator's monotonic clock.</param>
public sealed class GradientIntake(BlobStore blobs, Action<BlockAdapted> fetch, Action<BlockAdapted, string, string?> tell, Func<TimeSpan> elapsed)
{
    private readonly Dictionary<BlobId, List<BlockAdapted>> _waiting = [];

    /// <summary>A result has come: it is refused, counted, or waits for its gradient.</summary>
    public RunProgress Received(RunProgress progress, BlockAdapted result)
    {
        (RunProgress next, Judgement judgement) = progress.Judge(result);
        if (judgement.Verdict != BlockVerdict.Counted)
        {
            tell(result, judgement.Verdict.ToString(), judgement.Reason);
        }
        else if (next.KnownGradient(result) is { } known)
        {
            return Accept(result, next.Accept(result, known, elapsed()));
        }
        else if (blobs.TryGet(result.Gradient, out ReadOnlyMemory<byte> bytes))
        {
            return Accept(result, next.Accept(result, bytes.Span, elapsed()));
        }
        else
        {
            if (!_waiting.TryGetValue(result.Gradient, out List<BlockAdapted>? results))
            {
                _waiting[result.Gradient] = results = [];
            }

            results.Add(result);
            fetch(result);
        }

        return next;
    }

    /// <summary>A gradient has come: every result that waited for it is judged again, in the order of arrival.</summary>
    public RunProgress Fetched(RunProgress progress, BlobFetched fetched) => _waiting.Remove(fetched.Blob, out List<BlockAdapted>? results)
        ? results.Aggregate(progress, (next, result) => Accept(result, next.Accept(result, fetched.Bytes.Span, elapsed())))
        : progress;

    /// <summary>A gradient could not be fetched from any of the workers that have it.</summary>
    public RunProgress Missed(RunProgress progress, BlobFetchFailed failed) => _waiting.Remove(failed.Blob, out List<BlockAdapted>? results)
        ? results.Aggregate(progress, (next, missed) =>
        {
            tell(missed, RunProgress.Unavailable, failed.Reason);
            return next.Miss(missed, $"the gradient of block {missed.BlockIndex} from worker {missed.WorkerId}: {failed.Reason}");
        })
        : progress;

    private RunProgress Accept(BlockAdapted result, (RunProgress Next, Judgement Judgement) accepted)
    {
        tell(result, accepted.Judgement.Verdict.ToString(), accepted.Judgement.Reason);
        return accepted.Next;
    }
}
