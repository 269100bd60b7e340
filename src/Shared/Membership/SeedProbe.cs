using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using MetaMap.Shared.Security;

namespace MetaMap.Shared.Membership;

/// <summary>Tries a connection to a coordinator, outside of the cluster's own, and says what became of it.</summary>
public static class SeedProbe
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    // A connection that ends at once would be taken for a failed handshake there.
    private static readonly TimeSpan _stay = TimeSpan.FromSeconds(1);

    /// <summary>Why a node does not join: what each of its seeds does when it is called, in one sentence without its end.</summary>
    /// <param name="seeds">Coordinators as <c>host:port</c>.</param>
    /// <param name="tls">How nodes show who they are; null without TLS.</param>
    public static async Task<string> Explain(IReadOnlyList<string> seeds, NodeCertificate? tls)
    {
        string?[] problems = await Task.WhenAll(seeds.Select(seed => Problem(seed, tls, _patience))).ConfigureAwait(false);
        return string.Join("; ", seeds.Zip(problems, (seed, problem) => $"{seed} {problem ?? Silent(tls)}"));
    }

    /// <summary>What stands in the way of a connection to a seed, as what follows its name in a sentence; null when it answers.</summary>
    /// <param name="seed">A coordinator as <c>host:port</c>.</param>
    /// <param name="tls">How nodes show who they are; null without TLS.</param>
    /// <param name="patience">For how long to wait.</param>
    internal static async Task<string?> Problem(string seed, NodeCertificate? tls, TimeSpan patience)
    {
        (string host, int port) = NodeAddress.Parse(seed);
        using TcpClient client = new();
        using CancellationTokenSource timeout = new(patience);
        try
        {
            await client.ConnectAsync(host, port, timeout.Token).ConfigureAwait(false);
            if (tls is { } own)
            {
                await using SslStream stream = new(client.GetStream());
                await stream.AuthenticateAsClientAsync(own.AsClient(TimeProvider.System), timeout.Token).ConfigureAwait(false);
                await Task.Delay(_stay, TimeProvider.System, timeout.Token).ConfigureAwait(false);
            }

            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "refuses connections: no coordinator listens there",
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "is a name that this machine does not know",
                SocketError.NetworkUnreachable or SocketError.HostUnreachable => "cannot be reached from this machine's network",
                _ => $"cannot be reached: {error.Message}",
            };
        }
        catch (OperationCanceledException)
        {
            return $"does not answer within {patience.TotalSeconds:0} s: the machine is off, or a firewall lets nothing through";
        }
        catch (AuthenticationException error)
        {
            return $"shows no certificate of the authority in --tls ({(error.InnerException ?? error).Message.TrimEnd('.')})";
        }
        catch (IOException)
        {
            return "does not speak TLS, or does not take this node's certificate: all nodes need --tls with certificates of one authority";
        }
    }

    private static string Silent(NodeCertificate? tls) => "answers, but lets this node not join: "
        + (tls is null ? "it may want TLS (--tls), or " : "it may ") + "advertise another address than this one, which its first line tells";
}
