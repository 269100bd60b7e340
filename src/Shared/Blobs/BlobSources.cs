namespace MetaMap.Shared.Blobs;

/// <summary>The holders of one blob that is being fetched: whom to ask next. Owned by one actor.</summary>
/// <param name="first">Path of a <see cref="BlobHolder"/>.</param>
public sealed class BlobSources(string first)
{
    private readonly List<string> _holders = [first];
    private readonly HashSet<string> _left = [];

    /// <summary>Whom to ask.</summary>
    public string Current => _holders[0];

    /// <summary>One more holder, unless it has failed already.</summary>
    public void Add(string holder)
    {
        if (!_holders.Contains(holder) && !_left.Contains(holder))
        {
            _holders.Add(holder);
        }
    }

    /// <summary>The current holder is slow: the next one's turn. It may have another later.</summary>
    /// <returns>False when there is no other.</returns>
    public bool Rotate()
    {
        _holders.Add(_holders[0]);
        _holders.RemoveAt(0);
        return _holders.Count > 1;
    }

    /// <summary>The current holder has failed for good.</summary>
    /// <returns>False when there is no other; it stays the current one then.</returns>
    public bool TryLeave()
    {
        if (_holders.Count == 1)
        {
            return false;
        }

        _left.Add(_holders[0]);
        _holders.RemoveAt(0);
        return true;
    }
}
