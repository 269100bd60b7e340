using MetaMap.Core.Rounds;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Runs;

/// <summary>
/// Takes block results in: judges them, fetches their gradients, and has them counted. Equal gradients (a block that
/// two workers computed) are fetched once, from any of their holders. Owned by one actor.
/// </summary>
/// <param name="blobs">The node's buffers: what a worker on the same node computed is there already.</param>
/// <param name="fetch">Starts to fetch the gradient of a result; answered by <see cref="Fetched"/> or <see cref="Missed"/>.</param>
/// <param name="tell">Tells the worker of a result its verdict, and the journal the reason, too.</param>
/// <param name="elapsed">The coordinator's monotonic clock.</param>
public sealed class GradientIntake(BlobStore blobs, Action<BlockAdapted> fetch, Action<BlockAdapted, string, string?> tell, Func<TimeSpan> elapsed)
{
    private readonly Dictionary<BlobId, Queue<BlockAdapted>> _waiting = [];

    /// <summary>A result has come: it is refused, counted, or waits for its gradient.</summary>
    public RunProgress Received(RunProgress progress, BlockAdapted result)
    {
        (RunProgress next, Judgement judgement) = progress.Judge(result);
        if (judgement.Verdict != BlockVerdict.Counted)
        {
            tell(result, judgement.Verdict.ToString(), judgement.Reason);
        }
        else if (blobs.TryGet(result.Gradient, out ReadOnlyMemory<byte> bytes))
        {
            return Accept(next, result, bytes);
        }
        else if (_waiting.TryGetValue(result.Gradient, out Queue<BlockAdapted>? others))
        {
            others.Enqueue(result);
            // One more holder for the transfer under way.
            fetch(result);
        }
        else
        {
            _waiting[result.Gradient] = new([result]);
            fetch(result);
        }

        return next;
    }

    /// <summary>A gradient has come: every result that waited for it is judged again, in the order of arrival.</summary>
    public RunProgress Fetched(RunProgress progress, BlobFetched fetched) => _waiting.Remove(fetched.Blob, out Queue<BlockAdapted>? results)
        ? results.Aggregate(progress, (next, result) => Accept(next, result, fetched.Bytes))
        : progress;

    /// <summary>A gradient could not be fetched from the first result's worker; the next result's is asked.</summary>
    public RunProgress Missed(RunProgress progress, BlobFetchFailed failed)
    {
        if (!_waiting.TryGetValue(failed.Blob, out Queue<BlockAdapted>? results))
        {
            return progress;
        }

        BlockAdapted missed = results.Dequeue();
        if (results.TryPeek(out BlockAdapted? next))
        {
            fetch(next);
        }
        else
        {
            _waiting.Remove(failed.Blob);
        }

        tell(missed, RunProgress.Unavailable, failed.Reason);
        return progress.Miss(missed, $"the gradient of block {missed.BlockIndex} from worker {missed.WorkerId}: {failed.Reason}");
    }

    private RunProgress Accept(RunProgress progress, BlockAdapted result, ReadOnlyMemory<byte> gradient)
    {
        (RunProgress next, Judgement judgement) = progress.Accept(result, gradient.Span, elapsed());
        tell(result, judgement.Verdict.ToString(), judgement.Reason);
        return next;
    }
}
