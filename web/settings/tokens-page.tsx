import { createSignal } from 'solid-js';
import { TokenList } from '../tokens/token-list';
import { tokenWords } from '../tokens/words';
import { Button } from '../ui/button';
import { Page, PageSection } from '../ui/page';
import { settingsWords } from './words';

export default function TokensPage() {
  const [isMaking, setMaking] = createSignal(false);
  return (
    <Page title={settingsWords().tokens} back={{ href: '/settings', label: settingsWords().backToSettings }}>
      <PageSection
        title={settingsWords().tokens}
        hint={settingsWords().tokensHint}
        actions={
          <Button look="primary" onClick={() => setMaking(true)}>
            {tokenWords().newToken}
          </Button>
        }
      >
        <p class="-mt-4 text-small">
          <a
            href="/docs"
            target="_blank"
            class="inline-flex items-center text-accent underline underline-offset-3 touch:min-h-10"
          >
            {settingsWords().readDocs}
          </a>
        </p>
        <TokenList
          label={settingsWords().tokens}
          serviceAgent={null}
          empty={tokenWords().noTokens}
          isMaking={isMaking()}
          onMakingDone={() => setMaking(false)}
        />
      </PageSection>
    </Page>
  );
}
