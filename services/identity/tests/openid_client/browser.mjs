// A person's browser, as far as signing in needs one: cookies, redirects within one site, and forms.

export class Browser {
  constructor(origin, person) {
    this.origin = origin;
    this.person = person;
    this.cookies = new Map();
  }

  async fetch(url, options = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const answer = await fetch(url, { redirect: 'manual', ...options, headers: { ...options.headers, cookie } });
    for (const line of answer.headers.getSetCookie()) {
      const [pair, ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      if (attributes.some((attribute) => attribute.toLowerCase() === 'max-age=0')) this.cookies.delete(pair.slice(0, at));
      else this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return answer;
  }

  // Follow redirects as long as they stay here: answers the foreign address, or the page.
  async visit(url, options) {
    let answer = await this.fetch(url, options);
    while (answer.status === 302 || answer.status === 303) {
      const target = new URL(answer.headers.get('location'), url);
      if (target.origin !== this.origin) return { url: target };
      answer = await this.fetch(target);
    }
    return { status: answer.status, page: await answer.text() };
  }

  async submit(page, typed = {}) {
    const action = page.match(/<form method="post" action="([^"]+)"/);
    if (!action) throw new Error(`no form: ${page.slice(0, 2000)}`);
    const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
    const form = new URLSearchParams({ ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), answer: 'go', ...typed });
    return this.visit(new URL(action[1], this.origin), { method: 'POST', body: form });
  }

  // Answer page after page until a foreign address comes, or a page without a form.
  async through(url) {
    let at = await this.visit(url);
    while (at.page?.includes('<form')) {
      at = await this.submit(at.page, at.page.includes('name="password"') ? this.person : {});
    }
    return at.url ?? at.page;
  }
}
