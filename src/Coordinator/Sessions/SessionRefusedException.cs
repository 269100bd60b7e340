using MetaMap.Core;

namespace MetaMap.Coordinator.Sessions;

/// <summary>Why a session cannot do what it was asked for.</summary>
internal enum SessionProblem
{
    /// <summary>What was asked for cannot be done.</summary>
    BadRequest,

    /// <summary>There is no such session, run or version.</summary>
    Missing,

    /// <summary>Not now: the run has no committed model.</summary>
    NotYet,

    /// <summary>There are too many.</summary>
    TooMany,

    /// <summary>No worker could do it.</summary>
    NoWorker,
}

/// <summary>A session cannot do what it was asked for.</summary>
/// <param name="problem">Why.</param>
/// <param name="sentence">What a user reads.</param>
/// <param name="inner">What caused it.</param>
internal sealed class SessionRefusedException(SessionProblem problem, string sentence, Exception? inner = null) : ReadableException(sentence, inner)
{
    /// <summary>Why.</summary>
    public SessionProblem Problem => problem;
}
