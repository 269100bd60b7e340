namespace MetaMap.Training.Rounds;

/// <summary>What the coordinator decided about the answer to a lease.</summary>
public enum BlockVerdict
{
    /// <summary>It is the block's result.</summary>
    Counted,

    /// <summary>The block already has a result (of the same bits).</summary>
    Duplicate,

    /// <summary>It is for an iteration that has been committed, or from other parameters than the iteration starts from.</summary>
    Stale,

    /// <summary>It is for an iteration that has not begun.</summary>
    Future,

    /// <summary>It is for another run, or for a block or episode count that this round does not have.</summary>
    Foreign,

    /// <summary>Its gradient has another parameter layout or length.</summary>
    WrongLayout,

    /// <summary>Its gradient, a loss or an accuracy is NaN or infinite.</summary>
    NonFinite,

    /// <summary>It is kept until another worker gives the same bits.</summary>
    Unconfirmed,

    /// <summary>Its worker is excluded from the run: other workers disproved an earlier result.</summary>
    Untrusted,

    /// <summary>Its gradient could not be fetched.</summary>
    Unavailable,

    /// <summary>The worker could not compute the block.</summary>
    Failed,

    /// <summary>The worker gave the lease back.</summary>
    Returned,
}

/// <summary>A verdict and the sentence that explains it.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="Reason">With ids, what was received and what was expected.</param>
public readonly record struct Judgement(BlockVerdict Verdict, string Reason);
