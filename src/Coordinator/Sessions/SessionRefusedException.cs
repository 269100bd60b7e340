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

    /// <summary>Reads data or examples that somebody has given; what is wrong with them is refused in its own words.</summary>
    /// <param name="problem">What kind of refusal that is.</param>
    /// <param name="read">Reads them.</param>
    /// <exception cref="SessionRefusedException">They cannot be used.</exception>
    public static T Refusing<T>(SessionProblem problem, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is DataException or ConfigurationException)
        {
            throw new SessionRefusedException(problem, error.Message, error);
        }
    }
}
