using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace MetaMap.Coordinator.Http;

/// <summary>Reads <c>Authorization: Bearer TOKEN</c>, and answers 401 and 403 with one sentence.</summary>
public sealed class TokenAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, CoordinatorSettings settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    /// <summary>Name of the scheme, in ASP.NET and in HTTP.</summary>
    public const string SchemeName = "Bearer";

    /// <summary>Type of the claim whose value is an <see cref="AccessScope"/>.</summary>
    public const string ScopeClaim = "scope";

    /// <inheritdoc />
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    /// <inheritdoc />
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = SchemeName;
        return Refuse(StatusCodes.Status401Unauthorized, Request.Headers.ContainsKey(HeaderNames.Authorization)
            ? "The token is not one of this coordinator's tokens; use one from its tokens file."
            : "This coordinator wants a token: send the header 'Authorization: Bearer TOKEN' (metamap: --token-file FILE).");
    }

    /// <inheritdoc />
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Refuse(
        StatusCodes.Status403Forbidden, $"The token may only read, but {Request.Method} {Request.Path} needs one with the scope 'write'.");

    private AuthenticateResult Authenticate()
    {
        string header = Request.Headers.Authorization.ToString();
        if (settings.Tokens is null || !header.StartsWith(SchemeName + " ", StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        return settings.Tokens.Find(header[(SchemeName.Length + 1)..].Trim()) is { } scope
            ? AuthenticateResult.Success(new AuthenticationTicket(
                new ClaimsPrincipal(new ClaimsIdentity([new Claim(ScopeClaim, scope.ToString())], SchemeName)), SchemeName))
            : AuthenticateResult.Fail("unknown token");
    }

    private Task Refuse(int status, string sentence) => Problems.Write(Context, status, sentence);
}
